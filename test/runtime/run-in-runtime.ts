import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { functionEnvironment } from '../../packages/local/src/lambda/function-environment.ts';
import type { FunctionDefinition } from '../../packages/local/src/template/functions.ts';
import { installLambdaRic } from './lambda-ric.ts';
import { type Outcome, startRuntimeApi } from './runtime-api.ts';

/** Where a function finds DynamoDB and Secrets Manager. */
export type Endpoints = { dynamodbEndpoint: string; secretsManagerEndpoint: string };

/**
 * Invokes a function's bundle once in a fresh Lambda runtime. Returns the outcome and the lines that were
 * written.
 */
export async function runInRuntime(
  definition: FunctionDefinition,
  endpoints: Endpoints,
  event: unknown,
): Promise<Outcome & { lines: string[] }> {
  const api = await startRuntimeApi();
  const child = spawn(process.execPath, [installLambdaRic()], {
    cwd: definition.codeDirectory,
    env: {
      ...functionEnvironment(definition, {
        region: 'us-east-1',
        accessKeyId: 'local',
        secretAccessKey: 'local',
        ...endpoints,
      }),
      AWS_LAMBDA_RUNTIME_API: api.address,
      // As in the template's LoggingConfig.
      AWS_LAMBDA_LOG_FORMAT: 'JSON',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const output = text(child.stdout);
  const ended = once(child, 'exit');
  try {
    const outcome = await Promise.race([
      api.invoke(event, definition.timeoutMs),
      ended.then(([status]): never => {
        throw new Error(`the runtime ended with ${status}`);
      }),
    ]);
    return { ...outcome, lines: await end() };
  } finally {
    await end();
    await api.close();
  }

  async function end(): Promise<string[]> {
    child.kill('SIGKILL');
    await ended;
    return (await output).split('\n').filter((line) => line !== '');
  }
}
