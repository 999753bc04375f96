import { setTimeout } from 'node:timers/promises';
import * as z from 'zod/mini';
import type { ServedRequest } from './gateway/rest-api-handler.ts';
import { parseJson } from './parse-json.ts';

export type RequestLogOptions = {
  /** Writes one line. */
  write(line: string): void;
  /** False leaves out colours. */
  colour: boolean;
  /** IANA name of the reader's time zone. */
  timeZone: string;
  /** True also writes what functions log, and whole stack traces. */
  debug: boolean;
  /** Returns the status of a call, or undefined where it cannot be known. */
  callStatus(id: string): Promise<string | undefined>;
  now?(): Date;
};

/** Writes what the local system does in a form for people to read. */
export type RequestLog = {
  /** Takes a line that a function, the access log or the stand-in writes. */
  onLog(line: string): void;
  onRequest(request: ServedRequest): void;
};

/** The part of a response body that its request's line shows. */
const bodySchema = z.object({
  id: z.optional(z.string()),
  status: z.optional(z.string()),
  call_ids: z.optional(z.array(z.string())),
  groupcall_ids: z.optional(z.array(z.string())),
  result: z.optional(z.array(z.unknown())),
  error: z.optional(z.object({ reason: z.string() })),
});

/** The part of a function's log line that a person must see. */
const logLineSchema = z.looseObject({
  level: z.optional(z.string()),
  error: z.optional(z.string()),
  warnings: z.optional(z.array(z.string())),
  errorType: z.optional(z.string()),
  errorMessage: z.optional(z.string()),
  trace: z.optional(z.array(z.string())),
});

const GREEN = 32;
const YELLOW = 33;
const RED = 31;
const GREY = 90;

/** Number of lines of an error that are written unless all are requested. */
const MAX_ERROR_LINES = 2;

/**
 * Creates a log with one line per request:
 * `14:03:07 POST /providercalls 200 32 ms → call ac6b… ringing`
 *
 * Internal errors follow on separate lines. Queries are left out because they may contain a credential.
 */
export function createRequestLog(options: RequestLogOptions): RequestLog {
  const { write, colour, timeZone, debug, callStatus, now = () => new Date() } = options;
  const clock = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium', timeZone });

  function paint(code: number, text: string): string {
    return colour ? `\u001b[${code}m${text}\u001b[0m` : text;
  }

  async function writeRequest(at: Date, { method, path, status, latencyMs, body }: ServedRequest) {
    const resource = path.replace(/^\/v1(?:\.0)?(?=\/)/, '');
    const outcome = await describeBody(parseBody(body), resource, callStatus);
    const statusText = paint(status < 400 ? GREEN : status < 500 ? YELLOW : RED, String(status));
    const arrow = outcome === undefined ? '' : ` → ${outcome}`;
    write(`${paint(GREY, clock.format(at))} ${method} ${resource} ${statusText} ${latencyMs} ms${arrow}`);
  }

  return {
    onRequest(request) {
      void writeRequest(now(), request);
    },
    onLog(line) {
      const parsed = logLineSchema.safeParse(parseJson(line));
      if (!parsed.success) return write(paint(GREY, line));
      if (debug) write(paint(GREY, line));
      for (const problem of problemsOf(parsed.data)) {
        const lines = problem.split('\n').slice(0, debug ? undefined : MAX_ERROR_LINES);
        for (const text of lines) write(`         ${paint(RED, text)}`);
      }
    },
  };
}

/** Returns what a response is about, in a few words, or undefined if the request itself says enough. */
async function describeBody(
  body: z.infer<typeof bodySchema>,
  resource: string,
  callStatus: RequestLogOptions['callStatus'],
): Promise<string | undefined> {
  if (body.error !== undefined) return body.error.reason;
  if (body.result !== undefined) return counted(body.result.length, 'record');
  if (body.id === undefined) return undefined;
  if (resource.startsWith('/calls/')) return `call ${shortened(body.id)} ${body.status ?? ''}`.trimEnd();
  if (resource !== '/providercalls') return undefined;
  const [callId, ...others] = body.call_ids ?? [];
  if (callId === undefined) return counted(body.groupcall_ids?.length ?? 0, 'groupcall');
  if (others.length > 0) return counted(others.length + 1, 'call');
  return ['call', shortened(callId), await callStatus(callId)].filter((word) => word !== undefined).join(' ');
}

function problemsOf({ level, error, warnings, ...failed }: z.infer<typeof logLineSchema>): string[] {
  // With any other word, an authorizer reports that it rejects the credential.
  const crashed = failed.errorType !== undefined && failed.errorMessage !== 'Unauthorized';
  const crash = crashed ? [failed.trace?.join('\n') || `${failed.errorType}: ${failed.errorMessage}`] : [];
  return [...crash, ...(level === 'error' && error !== undefined ? [error] : []), ...(warnings ?? [])];
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

function shortened(id: string): string {
  return `${id.slice(0, 4)}…`;
}

function parseBody(body: string): z.infer<typeof bodySchema> {
  const parsed = bodySchema.safeParse(parseJson(body));
  return parsed.success ? parsed.data : {};
}

/** Milliseconds that a line waits for a call to get beyond dialing. */
const CALL_STATUS_TIMEOUT_MS = 400;
const CALL_STATUS_PAUSE_MS = 50;

/** Returns the status of a call of the platform stand-in, once the far end has responded or a moment has passed. */
export async function readCallStatus(platformUrl: string, id: string): Promise<string | undefined> {
  const deadline = performance.now() + CALL_STATUS_TIMEOUT_MS;
  let status: string | undefined;
  do {
    const response = await fetch(`${platformUrl}/v1/calls/${id}`).catch(() => undefined);
    if (response === undefined || !response.ok) return status;
    status = bodySchema.parse(await response.json()).status;
    if (status !== 'dialing') return status;
    await setTimeout(CALL_STATUS_PAUSE_MS);
  } while (performance.now() < deadline);
  return status;
}
