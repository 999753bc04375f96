import { allPages } from './all-pages.ts';
import { isObject, ProviderCallApiError, UnexpectedResponseError } from './errors.ts';
import {
  type Call,
  type Flow,
  type Groupcall,
  type Provider,
  type ProviderInput,
  type Reader,
  readCall,
  readFlow,
  readGroupcall,
  readProvider,
  readSipAnalysis,
  readTimelineEvent,
  type SipAnalysis,
  type TimelineEvent,
} from './platform-resources.ts';
import {
  type ApiRequest,
  type ApiResponse,
  type ClientOptions,
  jsonOf,
  pathOf,
  type RequestOptions,
  send,
} from './send.ts';

export type PageOptions = {
  /** 1 to 100. */
  pageSize?: number;
  pageToken?: string;
};

/** Newest first. `next_page_token` is empty on the last page. */
export type Page<Resource> = { result: Resource[]; next_page_token: string };

/** A capture file without packets consists of its header. */
const PCAP_HEADER_BYTES = 24;

export type PlatformClient = ReturnType<typeof createPlatformClient>;

/**
 * Returns a client of the platform's endpoints around ProviderCall: providers, flows, calls, groupcalls and timelines.
 * It parses what the platform sends and fills in what it omits, so that callers need not check any field again.
 *
 * README.md lists the errors that its methods throw.
 */
export function createPlatformClient(options: ClientOptions) {
  async function get<Resource>(
    path: string,
    read: Reader<Resource>,
    request: RequestOptions,
  ): Promise<Resource> {
    return resourceIn(await send(options, { ...request, method: 'GET', path }), read);
  }

  async function change<Resource>(
    method: 'POST' | 'PUT' | 'DELETE',
    path: string,
    read: Reader<Resource>,
    request: RequestOptions & Pick<ApiRequest, 'body' | 'isRepeatable'>,
  ): Promise<Resource> {
    return resourceIn(await send(options, { ...request, method, path }), read);
  }

  async function list<Resource>(
    path: string,
    read: Reader<Resource>,
    { pageSize, pageToken }: PageOptions,
    request: RequestOptions,
  ): Promise<Page<Resource>> {
    const query = { page_size: pageSize, page_token: pageToken };
    return pageIn(await send(options, { ...request, method: 'GET', path, query }), read);
  }

  function all<Resource>(
    path: string,
    read: Reader<Resource>,
    pageSize: number | undefined,
    request: RequestOptions,
  ): AsyncGenerator<Resource> {
    return allPages((pageToken) => list(path, read, { pageSize, pageToken }, request));
  }

  return {
    /** Returns one page of the providers that are not deleted. */
    listProviders: (page: PageOptions = {}, request: RequestOptions = {}): Promise<Page<Provider>> =>
      list('/providers', readProvider, page, request),

    /** Yields all providers that are not deleted, page by page. */
    allProviders: (
      { pageSize }: Pick<PageOptions, 'pageSize'> = {},
      request: RequestOptions = {},
    ): AsyncGenerator<Provider> => all('/providers', readProvider, pageSize, request),

    /** Returns a provider, deleted or not. */
    getProvider: (id: string, request: RequestOptions = {}): Promise<Provider> =>
      get(pathOf('providers', id), readProvider, request),

    /** Creates a provider; the platform fills in the fields that are absent. */
    createProvider: (body: ProviderInput, request: RequestOptions = {}): Promise<Provider> =>
      change('POST', '/providers', readProvider, { ...request, body: { type: 'sip', ...body } }),

    /**
     * Changes the fields that are given and keeps the others. The platform replaces all settings at once, so the current
     * ones are read first and sent along: a change that somebody else makes in between is lost.
     */
    updateProvider: async (
      id: string,
      changes: Partial<ProviderInput>,
      request: RequestOptions = {},
    ): Promise<Provider> => {
      const path = pathOf('providers', id);
      const { hostname, tech_prefix, tech_postfix, tech_headers, codecs, name, detail } = await get(
        path,
        readProvider,
        request,
      );
      const current = { hostname, tech_prefix, tech_postfix, tech_headers, codecs, name, detail };
      const body = { type: 'sip', ...current, ...changes };
      return change('PUT', path, readProvider, { ...request, body });
    },

    /** Deletes a provider. No more calls will go through it. */
    deleteProvider: (id: string, request: RequestOptions = {}): Promise<Provider> =>
      change('DELETE', pathOf('providers', id), readProvider, request),

    /** Returns one page of the customer's flows. */
    listFlows: (page: PageOptions = {}, request: RequestOptions = {}): Promise<Page<Flow>> =>
      list('/flows', readFlow, page, request),

    /** Returns a flow, deleted or not. */
    getFlow: (id: string, request: RequestOptions = {}): Promise<Flow> =>
      get(pathOf('flows', id), readFlow, request),

    /** Returns one page of the customer's calls. */
    listCalls: (page: PageOptions = {}, request: RequestOptions = {}): Promise<Page<Call>> =>
      list('/calls', readCall, page, request),

    /** Yields the customer's calls, newest first, page by page. */
    allCalls: (
      { pageSize }: Pick<PageOptions, 'pageSize'> = {},
      request: RequestOptions = {},
    ): AsyncGenerator<Call> => all('/calls', readCall, pageSize, request),

    /** Returns a call in its current state. */
    getCall: (id: string, request: RequestOptions = {}): Promise<Call> =>
      get(pathOf('calls', id), readCall, request),

    /** Hangs up a call. One that has already ended is not changed. */
    hangUp: (id: string, request: RequestOptions = {}): Promise<Call> =>
      change('POST', `${pathOf('calls', id)}/hangup`, readCall, { ...request, isRepeatable: true }),

    /** Returns a groupcall in its current state. */
    getGroupcall: (id: string, request: RequestOptions = {}): Promise<Groupcall> =>
      get(pathOf('groupcalls', id), readGroupcall, request),

    /** Returns a call's SIP messages and media counters, or undefined if nothing was captured. */
    getSipAnalysis: (callId: string, request: RequestOptions = {}): Promise<SipAnalysis | undefined> =>
      unlessNotFound(get(`${timelineOf(callId)}/sip-analysis`, readSipAnalysis, request)),

    /** Returns a call's messages as a capture file, or undefined if nothing was captured. */
    getPcap: (callId: string, request: RequestOptions = {}): Promise<Uint8Array<ArrayBuffer> | undefined> =>
      unlessNotFound(
        send(options, { ...request, method: 'GET', path: `${timelineOf(callId)}/pcap` }).then(({ bytes }) =>
          bytes.length > PCAP_HEADER_BYTES ? bytes : undefined,
        ),
      ),

    /** Returns one page of a call's events. */
    listTimelineEvents: (
      callId: string,
      page: PageOptions = {},
      request: RequestOptions = {},
    ): Promise<Page<TimelineEvent>> => list(`${timelineOf(callId)}/events`, readTimelineEvent, page, request),
  };
}

function timelineOf(callId: string): string {
  return `/timelines${pathOf('calls', callId)}`;
}

function resourceIn<Resource>(response: ApiResponse, read: Reader<Resource>): Resource {
  const resource = read(jsonOf(response));
  if (resource === undefined) throw new UnexpectedResponseError(response.status);
  return resource;
}

function pageIn<Resource>(response: ApiResponse, read: Reader<Resource>): Page<Resource> {
  const page = jsonOf(response);
  if (!isObject(page) || !Array.isArray(page['result'])) throw new UnexpectedResponseError(response.status);
  const { next_page_token: next } = page;
  return {
    result: page['result'].map((value) => {
      const resource = read(value);
      if (resource === undefined) throw new UnexpectedResponseError(response.status);
      return resource;
    }),
    next_page_token: typeof next === 'string' ? next : '',
  };
}

/**
 * Returns undefined for a 404, which means that nothing was captured or that the platform does not have this endpoint.
 */
async function unlessNotFound<T>(response: Promise<T>): Promise<T | undefined> {
  try {
    return await response;
  } catch (error) {
    const known = error instanceof ProviderCallApiError || error instanceof UnexpectedResponseError;
    if (known && error.httpStatus === 404) return undefined;
    throw error;
  }
}
