import {
  type Call,
  type ClientOptions,
  createPlatformClient,
  createProviderCallClient,
  type Provider,
  type ProviderCallResult,
} from '@provider-call/client';
import { type AnalysisNote, analyzeCall, type SipAnalysis } from '@provider-call/evidence';
import type { Credential } from './credential.ts';
import { isObject } from './json-text.ts';
import type { Placement } from './placement.ts';
import { limitRequests } from './request-limit.ts';
import { instantOf } from './time.ts';

/** Everything that the page requests from the API, on its own origin, with caches that avoid repeated requests. */
export type Api = ReturnType<typeof createApi>;

/** Longer than the API itself takes for any request (API Gateway: 29 s). */
const TIMEOUT_MS = 35_000;
/** The page reports failures at once and polls live data anyway, so the client need not retry more often. */
const MAX_RETRIES = 1;
/** SIP analyses are the platform's most expensive responses. */
const MAX_CONCURRENT_ANALYSES = 4;
/** The number of ended calls whose messages are kept; the oldest are dropped. */
const MAX_CACHED_ANALYSES = 500;
/** The platform collects messages asynchronously; so long after a call has ended, no more are to be expected. */
const COLLECTED_AFTER_MS = 5 * 60_000;
const PAGE_SIZE = 100;
/** How many pages of calls are read to find those of one provider. */
const MAX_CALL_PAGES = 10;

/** Returns the requests of a session. `onUnauthorized` is called whenever the API rejects the credential. */
export function createApi(credential: Credential, origin: string, onUnauthorized: () => void) {
  let serverTime = Number.NaN;
  const options: ClientOptions = {
    ...credential,
    baseUrl: `${origin}/v1.0`,
    timeoutMs: TIMEOUT_MS,
    maxRetries: MAX_RETRIES,
    async fetch(request) {
      const response = await fetch(request);
      // Timestamps are compared with the server's clock, because this computer's may be wrong.
      serverTime = Date.parse(response.headers.get('Date') ?? '');
      if (response.status === 401) onUnauthorized();
      return response;
    },
  };
  const records = createProviderCallClient(options);
  const platform = createPlatformClient(options);
  // A failure must be that of the only attempt: after a lost connection, a 429 would not mean that nothing was placed.
  const placing = createProviderCallClient({ ...options, maxRetries: 0 });
  const limited = limitRequests(MAX_CONCURRENT_ANALYSES);
  const endedCalls = new Map<string, Call>();
  const analyses = new Map<string, SipAnalysis | undefined>();

  /** Returns whether the messages of a call are all there, or no more are to be expected. */
  function isFinal(call: Call, analysis: SipAnalysis | undefined): boolean {
    const endedAt = instantOf(call.tm_hangup)?.getTime() ?? 0;
    return isEnded(call) && (isComplete(call, analysis) || serverTime - endedAt >= COLLECTED_AFTER_MS);
  }

  function remember(call: Call): Call {
    if (isEnded(call)) endedCalls.set(call.id, call);
    return call;
  }

  return {
    records,
    platform,
    baseUrl: options.baseUrl,

    /** Places the calls of a stored request, in one attempt. */
    placeCalls({ request, idempotencyKey }: Placement): Promise<ProviderCallResult> {
      return placing.createProviderCall(request, { idempotencyKey });
    },

    /** Returns a call in its current state. One that has ended is not requested again. */
    async getCall(id: string, signal?: AbortSignal): Promise<Call> {
      const ended = endedCalls.get(id);
      return ended ?? remember(await platform.getCall(id, withSignal(signal)));
    },

    /** Hangs up a call and returns it. */
    async hangUp(id: string): Promise<Call> {
      return remember(await platform.hangUp(id));
    },

    /**
     * Returns a call's SIP messages, or undefined if nothing was captured. Once they are complete, or the call ended five
     * minutes ago, they are not requested again. At most four such requests run at a time.
     */
    async getAnalysis(call: Call, signal?: AbortSignal): Promise<SipAnalysis | undefined> {
      if (analyses.has(call.id)) return analyses.get(call.id);
      const response = await limited(() => platform.getSipAnalysis(call.id, withSignal(signal)), signal);
      const analysis = response && { ...response, notes: response.notes.filter(isNote) };
      if (isFinal(call, analysis)) {
        const oldest = analyses.keys().next().value;
        if (analyses.size >= MAX_CACHED_ANALYSES && oldest !== undefined) analyses.delete(oldest);
        analyses.set(call.id, analysis);
      }
      return analysis;
    },

    /** Returns all providers that are not deleted, by name. */
    async listProviders(signal?: AbortSignal): Promise<Provider[]> {
      const providers = await Array.fromAsync(
        platform.allProviders({ pageSize: PAGE_SIZE }, withSignal(signal)),
      );
      return providers.sort((a, b) => a.name.localeCompare(b.name) || a.id.localeCompare(b.id));
    },

    /**
     * Returns the customer's newest calls, as many as `isEnough` requires, but at most 1,000. `olderThan` is a
     * timestamp of the platform.
     */
    async recentCalls(
      isEnough: (calls: readonly Call[]) => boolean,
      { olderThan, signal }: { olderThan?: string; signal?: AbortSignal } = {},
    ): Promise<Call[]> {
      const calls: Call[] = [];
      let pageToken = olderThan;
      for (let pages = 0; pages < MAX_CALL_PAGES; pages += 1) {
        const page = await platform.listCalls(
          { pageSize: PAGE_SIZE, ...(pageToken !== undefined && { pageToken }) },
          withSignal(signal),
        );
        for (const call of page.result) calls.push(remember(call));
        pageToken = page.next_page_token;
        if (pageToken === '' || isEnough(calls)) break;
      }
      return calls;
    },
  };
}

/** Returns whether a call has ended, so that it cannot change any more. */
export function isEnded({ status }: Pick<Call, 'status'>): boolean {
  return status === 'hangup';
}

/** Returns whether an ended call's messages include its final response and, if it was answered, the BYE. */
function isComplete(call: Call, analysis: SipAnalysis | undefined): boolean {
  const { sipStatus = 0, failure } = analyzeCall(call, analysis);
  if (failure === 'none') return analysis?.sip_messages.some(({ method }) => method === 'BYE') ?? false;
  // A challenge may be followed by another INVITE.
  return sipStatus >= 200 && failure !== 'authentication';
}

/** Returns the provider that a call went through: that of its route, or the forced one. */
export function providerOf(call: Call): string | undefined {
  const route = call.dialroutes.find(({ id }) => id === call.dialroute_id);
  if (route !== undefined) return route.provider_id;
  const forced: unknown = call.metadata['route_provider_ids'];
  const [first]: unknown[] = Array.isArray(forced) ? forced : [];
  return typeof first === 'string' ? first : undefined;
}

/** Returns the name under which a provider is shown. */
export function providerName({ id, name }: Pick<Provider, 'id' | 'name'>): string {
  return name === '' ? id : name;
}

function isNote(value: unknown): value is AnalysisNote {
  return isObject(value) && typeof value['timestamp'] === 'string' && typeof value['text'] === 'string';
}

function withSignal(signal: AbortSignal | undefined) {
  return signal === undefined ? {} : { signal };
}
