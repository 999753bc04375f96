import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freeServerPort, portTaken } from './free-port.ts';
import { type Step, scenarioOf } from './sipp-steps.ts';

export type Sipp = {
  port: number;
  host: string;
  /** Waits for the scenario's end; throws what sipp complained of when the call did not go as it says. */
  finished(): Promise<void>;
};

/** Plays one call of these steps as the called side. */
export function startSippSteps(steps: Step[]): Promise<Sipp> {
  return startSippScenario(Buffer.from(scenarioOf(steps), 'latin1'));
}

/**
 * Plays one call of a scenario in `scenarios/` as the called side. `keys` are its own `[name]`s; put in here, because sipp
 * wants to know the status of a response when it reads the file.
 */
export async function startSipp(scenario: string, keys: Record<string, string> = {}): Promise<Sipp> {
  const text = await readFile(new URL(`./scenarios/${scenario}.xml`, import.meta.url), 'utf8');
  const filled = Object.entries(keys).reduce((so, [name, value]) => so.replaceAll(`[${name}]`, value), text);
  return await startSippScenario(Buffer.from(filled));
}

async function startSippScenario(xml: Buffer): Promise<Sipp> {
  const port = await freeServerPort();
  const folder = await mkdtemp(join(tmpdir(), 'sipp-'));
  const errorFile = join(folder, 'errors.log');
  const file = join(folder, 'scenario.xml');
  await writeFile(file, xml);
  const child = spawn(
    'sipp',
    [
      ...['-sf', file, '-i', '127.0.0.1', '-p', String(port), '-m', '1', '-nostdin'],
      ...['-timeout', '45s', '-timeout_error', '-trace_err', '-error_file', errorFile],
    ],
    { cwd: folder, stdio: 'ignore' },
  );
  const exited = once(child, 'exit');
  await Promise.race([portTaken(port), exited]);
  if (child.exitCode !== null) {
    const errors = await readFile(errorFile, 'utf8').catch(() => '');
    throw new Error(`sipp does not start (${child.exitCode}): ${errors}`);
  }
  return {
    port,
    host: `127.0.0.1:${port}`,
    async finished() {
      const [code] = await exited;
      const errors = await readFile(errorFile, 'utf8').catch(() => '');
      await rm(folder, { recursive: true });
      if (code !== 0) throw new Error(`sipp ended with ${code}: ${errors}`);
    },
  };
}
