import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { LocalSystem } from './start.ts';
import { StartError } from './start-error.ts';

/** Where the local system that serves a port takes commands: a Unix socket, which no request from outside reaches. */
export function controlSocket(port: number): string {
  return join(tmpdir(), `provider-call-${userInfo().uid}-${port}.sock`);
}

/**
 * Takes the command `POST /run-schedules`, which runs every scheduled function and answers what came of each.
 *
 * The system has its port already, so that a socket of this name is left over from one that was killed.
 */
export async function startControl(
  system: Pick<LocalSystem, 'port' | 'runSchedules'>,
): Promise<{ close(): Promise<void> }> {
  const path = controlSocket(system.port);
  rmSync(path, { force: true });
  const server = createServer(async (request, response) => {
    const known = request.method === 'POST' && request.url === '/run-schedules';
    response.writeHead(known ? 200 : 404, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify(known ? await system.runSchedules() : {}));
  });
  server.listen(path);
  await once(server, 'listening');
  return {
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/**
 * Has the local system on a port run its scheduled functions now.
 *
 * @returns JSON: a list of `{functionName, result}`
 * @throws {StartError} when no local system of this user serves that port
 */
export async function runSchedules(port: number): Promise<string> {
  const outgoing = request({ socketPath: controlSocket(port), path: '/run-schedules', method: 'POST' }).end();
  try {
    const [response] = await once(outgoing, 'response');
    return await text(response);
  } catch (cause) {
    throw new StartError(`nothing runs on port ${port}: npm start first, or set PORT to its port`, { cause });
  }
}
