import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import * as z from 'zod/mini';
import { LOOPBACK, listen } from './http-server.ts';
import { parseJson } from './parse-json.ts';

export type LocalSecretsManager = {
  endpoint: string;
  close(): Promise<void>;
};

const requestSchema = z.object({ SecretId: z.string() });

/**
 * Serves the only operation of Secrets Manager that functions use, GetSecretValue (Secrets Manager API Reference), for
 * the given secrets: ARN → SecretString. Signatures are not checked.
 */
export async function startSecretsManager(
  secrets: ReadonlyMap<string, string>,
  host = LOOPBACK,
): Promise<LocalSecretsManager> {
  const createdAt = Math.floor(Date.now() / 1000);
  const server = createServer((request, response) => {
    // A body that cannot be read to its end belongs to a client that has gone away.
    respondTo(request, response).catch(() => response.destroy());
  });

  async function respondTo(request: IncomingMessage, response: ServerResponse): Promise<void> {
    function respond(status: number, body: object): void {
      response.writeHead(status, { 'Content-Type': 'application/x-amz-json-1.1' });
      response.end(JSON.stringify(body));
    }
    const parsed = requestSchema.safeParse(parseJson(await text(request)));
    if (request.headers['x-amz-target'] !== 'secretsmanager.GetSecretValue' || !parsed.success) {
      respond(400, { __type: 'InvalidRequestException', Message: 'only GetSecretValue is emulated' });
      return;
    }
    const { SecretId } = parsed.data;
    const value = secrets.get(SecretId);
    if (value === undefined) {
      respond(400, {
        __type: 'ResourceNotFoundException',
        Message: "Secrets Manager can't find the specified secret.",
      });
      return;
    }
    respond(200, {
      ARN: SecretId,
      Name: SecretId.split(':').at(-1),
      SecretString: value,
      VersionId: '00000000-0000-0000-0000-000000000001',
      VersionStages: ['AWSCURRENT'],
      CreatedDate: createdAt,
    });
  }

  const { url, close } = await listen(server, host);
  return { endpoint: url, close };
}
