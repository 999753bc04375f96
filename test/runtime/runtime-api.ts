import { randomUUID } from 'node:crypto';
import { createServer, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { LOOPBACK, listen } from '@provider-call/local/http-server';

/** The outcome of an invocation or of a start: the function's response, or its error. */
export type Outcome = { ok: boolean; payload: unknown };

export type RuntimeApi = {
  /** Host and port, as AWS_LAMBDA_RUNTIME_API names them. */
  address: string;
  /** Passes the event to the runtime. Returns the outcome, or that of the start if it fails. */
  invoke(event: unknown, remainingMs: number): Promise<Outcome>;
  close(): Promise<void>;
};

/**
 * Starts Lambda's side of the Runtime API, for one runtime that gets one event after another.
 * https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
 */
export async function startRuntimeApi(): Promise<RuntimeApi> {
  /** The runtime that asks for its next event. */
  const asking = Promise.withResolvers<ServerResponse>();
  let next = asking;
  let outcome = Promise.withResolvers<Outcome>();

  const server = createServer(async (request, response) => {
    const [, , resource, id, ending = ''] = (request.url ?? '').slice(1).split('/');
    if (resource === 'invocation' && id === 'next') {
      next.resolve(response);
      return;
    }
    const body = await text(request);
    response.writeHead(202).end('{}');
    // `/init/error`, `/invocation/{id}/error` and `/invocation/{id}/response`.
    outcome.resolve({ ok: ending === 'response', payload: JSON.parse(body) });
  });
  const { port, close } = await listen(server, LOOPBACK);

  return {
    address: `${LOOPBACK}:${port}`,
    async invoke(event, remainingMs) {
      outcome = Promise.withResolvers();
      const runtime = await Promise.race([next.promise, outcome.promise]);
      if ('ok' in runtime) return runtime;
      next = Promise.withResolvers();
      runtime.writeHead(200, {
        'Content-Type': 'application/json',
        'Lambda-Runtime-Aws-Request-Id': randomUUID(),
        'Lambda-Runtime-Deadline-Ms': String(Date.now() + remainingMs),
        'Lambda-Runtime-Invoked-Function-Arn': 'arn:aws:lambda:us-east-1:000000000000:function:function',
        'Lambda-Runtime-Trace-Id': 'Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0',
      });
      runtime.end(JSON.stringify(event));
      return await outcome.promise;
    },
    close,
  };
}
