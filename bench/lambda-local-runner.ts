import { execute, setLogger } from 'lambda-local';
import * as z from 'zod/mini';

/*
 * A process in which lambda-local runs functions one after another, as its users do. The parent sends the functions and
 * events of one request and the number of requests; the process reports how many milliseconds they took.
 */

const batchSchema = z.object({
  steps: z.array(
    z.object({ bundle: z.string(), environment: z.record(z.string(), z.string()), event: z.unknown() }),
  ),
  requests: z.number(),
});

function silent() {}
setLogger({ log: silent, transports: [] });
process.stdout.write = () => true;

process.on('message', async (message) => {
  const { steps, requests } = batchSchema.parse(message);
  const startedAt = performance.now();
  for (let request = 0; request < requests; request += 1) {
    for (const { bundle, environment, event } of steps) {
      await execute({ lambdaPath: bundle, environment, event, timeoutMs: 28_000, verboseLevel: 0 });
    }
  }
  process.send?.({ milliseconds: performance.now() - startedAt });
});
process.once('disconnect', () => process.exit(0));
