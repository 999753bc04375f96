import { once } from 'node:events';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import * as z from 'zod/mini';

export type LocalSecretsManager = {
  endpoint: string;
  close(): Promise<void>;
};

const requestSchema = z.object({ SecretId: z.string() });

/**
 * The one operation of Secrets Manager that functions use, GetSecretValue (Secrets Manager API Reference), for the
 * secrets given: ARN → SecretString. Signatures are not checked, and it listens on the loopback interface alone.
 */
export async function startSecretsManager(
  secrets: ReadonlyMap<string, string>,
): Promise<LocalSecretsManager> {
  const createdAt = Math.floor(Date.now() / 1000);
  const server = createServer(async (request, response) => {
    const answer = (status: number, body: object) => {
      response.writeHead(status, { 'Content-Type': 'application/x-amz-json-1.1' });
      response.end(JSON.stringify(body));
    };
    const parsed = requestSchema.safeParse(parseJson(await text(request)));
    if (request.headers['x-amz-target'] !== 'secretsmanager.GetSecretValue' || !parsed.success) {
      answer(400, { __type: 'InvalidRequestException', Message: 'only GetSecretValue is emulated' });
      return;
    }
    const { SecretId } = parsed.data;
    const value = secrets.get(SecretId);
    if (value === undefined) {
      answer(400, {
        __type: 'ResourceNotFoundException',
        Message: "Secrets Manager can't find the specified secret.",
      });
      return;
    }
    answer(200, {
      ARN: SecretId,
      Name: SecretId.split(':').at(-1),
      SecretString: value,
      VersionId: '00000000-0000-0000-0000-000000000001',
      VersionStages: ['AWSCURRENT'],
      CreatedDate: createdAt,
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
