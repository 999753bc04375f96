import { ConnectionError, errorOf, RequestTimeoutError, UnexpectedResponseError } from './errors.ts';
import { delayBeforeRetry } from './retry.ts';

/** A project super-admin's token, a function that returns a fresh one, or an access key. */
export type Credential = { token: string | (() => string | Promise<string>) } | { accessKey: string };

/** Why a request is about to be sent again. */
export type Retry = {
  method: string;
  /** Without the credential. */
  path: string;
  error: Error;
  /** Milliseconds from now. */
  delayMs: number;
};

export type ClientOptions = Credential & {
  /** With the version prefix, such as `http://127.0.0.1:3000/v1.0`. */
  baseUrl: string;
  /** Used instead of the global fetch. */
  fetch?: (request: Request) => Promise<Response>;
  /**
   * How long a method may take in milliseconds, including retries: 60,000 unless set. Anything above 2^31 - 1 (25 days)
   * means that, the longest timer there is.
   */
  timeoutMs?: number;
  /** How often a request is sent again where that is safe: 4 times unless set, 0 for never. */
  maxRetries?: number;
  /** Ends every request of this client. */
  signal?: AbortSignal;
  /** Called before a request is sent again. */
  onRetry?: (retry: Retry) => void;
};

export type RequestOptions = {
  /** Ends this request: the method rejects with the signal's reason. A POST that was sent may still take effect. */
  signal?: AbortSignal;
};

export type ApiRequest = RequestOptions & {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Below the base URL, such as `/providercalls`. */
  path: string;
  query?: Record<string, string | number | undefined>;
  /** Sent as JSON. */
  body?: object;
  idempotencyKey?: string | undefined;
  /** A POST that does no harm when it is repeated without a key. */
  isRepeatable?: boolean;
};

/** A response with a 2xx status, read to its end. */
export type ApiResponse = { status: number; headers: Headers; bytes: Uint8Array<ArrayBuffer> };

const TIMEOUT_MS = 60_000;
/** A timer with a longer delay fires at once. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;
const MAX_RETRIES = 4;

/**
 * Sends a request and reads its response. The request is repeated where that is safe (`retry.ts`).
 *
 * @throws {ProviderCallApiError} for an error from the API
 * @throws {UnexpectedResponseError} for an error status without the API's envelope
 * @throws {ConnectionError} when the API cannot be reached or the connection was lost
 * @throws {RequestTimeoutError} after `timeoutMs`
 */
export async function send(options: ClientOptions, request: ApiRequest): Promise<ApiResponse> {
  const { maxRetries = MAX_RETRIES } = options;
  const timeoutMs = Math.min(options.timeoutMs ?? TIMEOUT_MS, MAX_TIMEOUT_MS);
  const deadline = Date.now() + timeoutMs;
  const ending = endOf(timeoutMs, [options.signal, request.signal]);
  try {
    for (let retries = 0; ; retries += 1) {
      try {
        return await ending.race(sendOnce(options, request, ending.signal));
      } catch (error) {
        // The reason why the request was ended, whatever error fetch turned it into.
        ending.signal.throwIfAborted();
        if (!(error instanceof Error) || retries >= maxRetries) throw error;
        const delayMs = delayBeforeRetry(request, error, retries);
        if (delayMs === undefined || Date.now() + delayMs >= deadline) throw error;
        options.onRetry?.({ method: request.method, path: request.path, error, delayMs });
        await ending.race(pause(delayMs, ending.signal));
      }
    }
  } finally {
    ending.release();
  }
}

/** Returns the path of a resource. A lone surrogate, for which there is no encoding, becomes U+FFFD. */
export function pathOf(collection: string, id: string): string {
  return `/${collection}/${encodeURIComponent(id.toWellFormed())}`;
}

/**
 * Returns the JSON value in a response.
 *
 * @throws {UnexpectedResponseError} when there is none
 */
export function jsonOf({ status, bytes }: ApiResponse): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw new UnexpectedResponseError(status, { cause: error });
  }
}

async function sendOnce(
  options: ClientOptions,
  request: ApiRequest,
  signal: AbortSignal,
): Promise<ApiResponse> {
  const outgoing = await toRequest(options, request, signal);
  // Some implementations of fetch, and a token function, ignore the signal.
  signal.throwIfAborted();
  const { fetch = globalThis.fetch.bind(globalThis) } = options;
  let response: Response;
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    response = await fetch(outgoing);
    bytes = new Uint8Array(await response.arrayBuffer());
  } catch (error) {
    throw new ConnectionError(`no response from ${new URL(options.baseUrl).host}`, { cause: error });
  }
  const { status, headers, ok } = response;
  if (!ok) throw errorOf(jsonOrUndefined(bytes), response);
  return { status, headers, bytes };
}

function jsonOrUndefined(bytes: Uint8Array<ArrayBuffer>): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}

/** The credential goes where the API takes it: a token in a header, an access key in the query. */
async function toRequest(
  options: ClientOptions,
  { method, path, query = {}, body, idempotencyKey }: ApiRequest,
  signal: AbortSignal,
): Promise<Request> {
  const url = new URL(`${options.baseUrl.replace(/\/+$/, '')}${path}`);
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  const headers = new Headers();
  if ('accessKey' in options) url.searchParams.set('accesskey', options.accessKey);
  else {
    const { token } = options;
    headers.set('Authorization', `Bearer ${typeof token === 'string' ? token : await token()}`);
  }
  if (body !== undefined) headers.set('Content-Type', 'application/json');
  if (idempotencyKey !== undefined) headers.set('Idempotency-Key', idempotencyKey);
  return new Request(url, {
    method,
    headers,
    signal,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
}

/** Combines what can end a request before its response: the time limit and the signals. */
function endOf(timeoutMs: number, signals: (AbortSignal | undefined)[]) {
  const controller = new AbortController();
  const { signal } = controller;
  const timer = setTimeout(() => controller.abort(new RequestTimeoutError(timeoutMs)), timeoutMs);
  const releases = signals.flatMap((other) => {
    if (other === undefined) return [];
    const abort = () => controller.abort(other.reason);
    if (other.aborted) abort();
    other.addEventListener('abort', abort);
    return [() => other.removeEventListener('abort', abort)];
  });
  return {
    signal,
    /** Settles as the promise does, or rejects as soon as the request is ended: a fetch may ignore its signal. */
    async race<T>(promise: Promise<T>): Promise<T> {
      let stop = () => {};
      const aborted = new Promise<never>((_, reject) => {
        stop = () => reject(signal.reason);
        if (signal.aborted) stop();
        signal.addEventListener('abort', stop);
      });
      try {
        return await Promise.race([promise, aborted]);
      } finally {
        signal.removeEventListener('abort', stop);
      }
    },
    release() {
      clearTimeout(timer);
      for (const release of releases) release();
    },
  };
}

function pause(delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, delayMs);
    signal.addEventListener('abort', () => clearTimeout(timer), { once: true });
  });
}
