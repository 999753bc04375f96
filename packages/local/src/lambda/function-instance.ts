import { readFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { transformSync } from 'esbuild';
import type { FunctionDefinition } from '../template/functions.ts';
import { type InvocationError, type InvokeMessage, reportSchema, type ThreadData } from './messages.ts';

export type InvocationResult = { ok: true; payload: string } | { ok: false; error: InvocationError };

/** One execution environment of a function: a thread that serves one invocation at a time. */
export type FunctionInstance = {
  /** Resolves once the thread can serve, or cannot: then `broken` is true. */
  ready: Promise<void>;
  /** True once the thread has ended, or never came up. */
  readonly broken: boolean;
  /** Serves one invocation; must not be called again before it has settled. Never rejects. */
  invoke(message: InvokeMessage): Promise<InvocationResult>;
  end(): Promise<void>;
};

// Stripped of its types once: a thread that runs TypeScript loads the type stripper first, which takes longer
// than everything else in its start.
const { code } = transformSync(readFileSync(new URL('./function-thread.ts', import.meta.url), 'utf8'), {
  loader: 'ts',
});
const threadUrl = new URL(`data:text/javascript,${encodeURIComponent(code)}`);

/** Starts a thread for a function. `onOutput` receives what it writes to stdout and stderr, in order. */
export function startInstance(
  definition: FunctionDefinition,
  environment: Record<string, string>,
  onOutput: (text: string) => void,
): FunctionInstance {
  const data: ThreadData = { codeDirectory: definition.codeDirectory, handler: definition.handler };
  const worker = new Worker(threadUrl, {
    name: definition.name,
    workerData: data,
    env: environment,
    execArgv: [],
    argv: [],
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: definition.memoryMb },
  });
  const ready = Promise.withResolvers<void>();
  let broken: InvocationError | undefined;
  let settle: ((result: InvocationResult) => void) | undefined;

  const finish = (result: InvocationResult) => {
    const waiting = settle;
    settle = undefined;
    waiting?.(result);
  };
  const breakDown = (error: InvocationError) => {
    if (broken !== undefined) return;
    broken = error;
    ready.resolve();
    finish({ ok: false, error });
  };

  worker.on('message', (message: unknown) => {
    const report = reportSchema.parse(message);
    if (report.type === 'ready') ready.resolve();
    else if (report.type === 'output') onOutput(report.text);
    else if (report.type === 'answer') finish({ ok: true, payload: report.payload });
    else finish({ ok: false, error: report.error });
  });
  // An exception that nothing caught, an unhandled rejection, or the memory limit: Lambda ends the process.
  worker.on('error', (error: unknown) => {
    const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
    onOutput(`${stack ?? message}\n`);
    breakDown({ errorType: name, errorMessage: message, trace: [] });
  });
  worker.on('exit', (status) => {
    breakDown({
      errorType: 'Runtime.ExitError',
      errorMessage: `Runtime exited with exit status ${status}`,
      trace: [],
    });
  });

  return {
    ready: ready.promise,
    get broken() {
      return broken !== undefined;
    },
    invoke(message) {
      if (broken !== undefined) return Promise.resolve({ ok: false, error: broken });
      return new Promise((resolve) => {
        settle = resolve;
        worker.postMessage(message);
      });
    },
    async end() {
      await worker.terminate();
    },
  };
}
