import * as z from 'zod/mini';

/** What a function's thread is started with. */
export const threadDataSchema = z.object({
  codeDirectory: z.string(),
  handler: z.string(),
});

export type ThreadData = z.infer<typeof threadDataSchema>;

/** What the pool tells a function's thread to do. */
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

/** What a function's thread reports. A line of output always arrives before the answer of its invocation. */
export const reportSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready') }),
  z.object({ type: z.literal('output'), text: z.string() }),
  z.object({ type: z.literal('answer'), payload: z.string() }),
  z.object({ type: z.literal('error'), error: errorSchema }),
]);

export type Report = z.infer<typeof reportSchema>;
export type InvocationError = z.infer<typeof errorSchema>;
