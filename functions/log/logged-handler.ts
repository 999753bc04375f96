import type { Context } from 'aws-lambda';
import * as z from 'zod/mini';
import { ReportableError } from '../platform-error.ts';
import { describeError } from './describe-error.ts';
import type { LogFields, LogLine } from './log-line.ts';
import type { Metrics } from './metrics.ts';

/** How an invocation ended. */
export type Completed<Result> = {
  /** The contents of its log line; undefined writes none. */
  fields?: LogFields;
  metrics: Metrics;
  /** Returns, or throws, what Lambda gets; called when the line is written. */
  respond(): Result;
};

type Options<Event> = {
  schema: z.ZodMiniType<Event>;
  startLine(): LogLine;
  /** Returns the event's identification of the invocation, for its log line; by default this is Lambda's request id. */
  describe?(event: Event): LogFields;
  /** What the log line of a failed invocation contains besides the error. */
  failure: { fields?: LogFields; metrics: Metrics };
};

/**
 * Returns a Lambda handler for an event that is not an API request: parses the event, passes it to the function's own
 * handler, and writes one log line, as `apiHandler` does for requests. An error is logged and its description thrown,
 * so that AWS counts and retries it; if the error itself were thrown, Lambda would write it to the log with everything
 * that it quotes.
 */
export function loggedHandler<Event, Result>(
  { schema, startLine, describe, failure }: Options<Event>,
  handle: (event: Event, context: Context) => Promise<Completed<Result>>,
): (input: unknown, context: Context) => Promise<Result> {
  return async (input, context) => {
    const line = startLine();
    let known: LogFields = { request_id: context.awsRequestId };
    let completed: Completed<Result>;
    try {
      const event = z.parse(schema, input);
      if (describe) known = describe(event);
      completed = await handle(event, context);
    } catch (error) {
      const description = describeError(error);
      line.write({ ...known, ...failure.fields, level: 'error', error: description }, failure.metrics);
      throw new ReportableError(description);
    }
    if (completed.fields) line.write({ ...known, ...completed.fields }, completed.metrics);
    return completed.respond();
  };
}
