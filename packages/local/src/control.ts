import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import * as z from 'zod/mini';
import type { LocalSystem } from './start.ts';
import { StartError } from './start-error.ts';

/** Where the local system that serves a port takes commands: a Unix socket, which no request from outside reaches. */
export function controlSocket(port: number): string {
  return join(tmpdir(), `provider-call-${userInfo().uid}-${port}.sock`);
}

/**
 * Takes commands: `POST /run-schedules` runs every scheduled function and answers what came of each, `GET /dynamodb`
 * answers where the tables are.
 *
 * The system has its port already, so that a socket of this name is left over from one that was killed.
 */
export async function startControl(
  system: Pick<LocalSystem, 'port' | 'runSchedules' | 'dynamodbEndpoint'>,
): Promise<{ close(): Promise<void> }> {
  const commands = new Map<string, () => Promise<unknown>>([
    ['POST /run-schedules', () => system.runSchedules()],
    ['GET /dynamodb', async () => ({ endpoint: system.dynamodbEndpoint })],
  ]);
  const path = controlSocket(system.port);
  rmSync(path, { force: true });
  const server = createServer(async (request, response) => {
    const command = commands.get(`${request.method} ${request.url}`);
    response.writeHead(command === undefined ? 404 : 200, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify(command === undefined ? {} : await command()));
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
export const runSchedules = (port: number): Promise<string> => command(port, 'POST', '/run-schedules');

/**
 * Endpoint of the DynamoDB that the local system on a port uses.
 *
 * @throws {StartError} when no local system of this user serves that port
 */
export const dynamodbEndpointOf = async (port: number): Promise<string> =>
  z.object({ endpoint: z.string() }).parse(JSON.parse(await command(port, 'GET', '/dynamodb'))).endpoint;

async function command(port: number, method: string, path: string): Promise<string> {
  const outgoing = request({ socketPath: controlSocket(port), path, method }).end();
  try {
    const [response] = await once(outgoing, 'response');
    return await text(response);
  } catch (cause) {
    throw new StartError(`nothing runs on port ${port}: npm start first, or set PORT to its port`, { cause });
  }
}
