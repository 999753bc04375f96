import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import * as z from 'zod/mini';
import type { LocalSystem } from './start.ts';
import { StartError } from './start-error.ts';

/** Returns the Unix socket, out of a browser's reach, on which the local system that serves a port accepts commands. */
export function controlSocket(port: number): string {
  return join(tmpdir(), `provider-call-${userInfo().uid}-${port}.sock`);
}

/**
 * Accepts commands: `POST /run-schedules` runs every scheduled function and returns the result of each, `GET /dynamodb`
 * returns the endpoint of the tables, and `GET /functions` the address and variables that other runners of the
 * functions need.
 *
 * The system already has its port, so an existing socket with this name is left over from a system that was killed.
 */
export async function startControl(
  system: Pick<LocalSystem, 'port' | 'runSchedules' | 'dynamodbEndpoint' | 'host' | 'functionVariables'>,
): Promise<{ close(): Promise<void> }> {
  const commands = new Map<string, () => Promise<unknown>>([
    ['POST /run-schedules', () => system.runSchedules()],
    ['GET /dynamodb', async () => ({ endpoint: system.dynamodbEndpoint })],
    ['GET /functions', async () => ({ host: system.host, functions: system.functionVariables })],
  ]);
  const path = controlSocket(system.port);
  rmSync(path, { force: true });
  const server = createServer(async (request, response) => {
    const command = commands.get(`${request.method} ${request.url}`);
    try {
      const result = await command?.();
      response.writeHead(command === undefined ? 404 : 200, { 'Content-Type': 'application/json' });
      response.end(JSON.stringify(result ?? {}));
    } catch (error) {
      response.writeHead(500, { 'Content-Type': 'text/plain; charset=utf-8' });
      response.end(error instanceof Error ? error.message : String(error));
    }
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
 * Makes the local system on a port run its scheduled functions now.
 *
 * @returns JSON: a list of `{functionName, result}`
 * @throws {StartError} when no local system of this user serves that port, or when it failed
 */
export function runSchedules(port: number): Promise<string> {
  return command(port, 'POST', '/run-schedules');
}

/**
 * Returns the endpoint of the DynamoDB that the local system on a port uses.
 *
 * @throws {StartError} when no local system of this user serves that port
 */
export async function dynamodbEndpointOf(port: number): Promise<string> {
  return z.object({ endpoint: z.string() }).parse(JSON.parse(await command(port, 'GET', '/dynamodb')))
    .endpoint;
}

const functionsSchema = z.object({
  host: z.string(),
  functions: z.record(z.string(), z.record(z.string(), z.string())),
});

/**
 * Returns what another runner of the functions needs: the address that the system's servers listen on, and the
 * variables that point to them, by function.
 *
 * @throws {StartError} when no local system of this user serves that port
 */
export async function functionsOf(port: number): Promise<z.infer<typeof functionsSchema>> {
  return functionsSchema.parse(JSON.parse(await command(port, 'GET', '/functions')));
}

async function command(port: number, method: string, path: string): Promise<string> {
  const outgoing = request({ socketPath: controlSocket(port), path, method, agent: false }).end();
  let result: { isDone: boolean; body: string };
  try {
    const [response] = await once(outgoing, 'response');
    result = { isDone: response.statusCode === 200, body: await text(response) };
  } catch (cause) {
    throw new StartError(`nothing runs on port ${port}: run npm start first, or set PORT to its port`, {
      cause,
    });
  }
  if (result.isDone) return result.body;
  throw new StartError(`the system on port ${port} failed: ${result.body}`);
}
