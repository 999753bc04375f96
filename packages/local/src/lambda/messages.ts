import * as z from 'zod/mini';

/** The data with which a function's thread is started. */
export type ThreadData = {
  codeDirectory: string;
  handler: string;
};

/** One invocation, as the pool sends it to a function's thread. */
export type InvokeMessage = {
  /** The event as JSON, as the Lambda runtime receives it. */
  event: string;
  requestId: string;
  functionName: string;
  functionArn: string;
  memoryMb: number;
  /** Milliseconds since the epoch. */
  deadline: number;
  traceId: string;
};

const errorSchema = z.object({
  errorType: z.string(),
  errorMessage: z.string(),
  trace: z.array(z.string()),
});

/**
 * What a function's thread reports. Output always arrives before the result of its invocation, usually in the same
 * message: each message wakes the receiving thread, which costs more than the message's contents.
 */
export const reportSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready') }),
  z.object({ type: z.literal('output'), output: z.string() }),
  z.object({ type: z.literal('response'), payload: z.string(), output: z.string() }),
  z.object({ type: z.literal('error'), error: errorSchema, output: z.string() }),
]);

export type Report = z.infer<typeof reportSchema>;
export type InvocationError = z.infer<typeof errorSchema>;
