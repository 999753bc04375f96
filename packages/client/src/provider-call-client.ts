import { allPages } from './all-pages.ts';
import type { components } from './api.ts';
import { isListOf, isObject, UnexpectedResponseError } from './errors.ts';
import { type ApiResponse, type ClientOptions, jsonOf, pathOf, type RequestOptions, send } from './send.ts';

type Schemas = components['schemas'];

export type ProviderCall = Schemas['ProviderCall'];
export type CreateProviderCall = Schemas['CreateProviderCall'];
export type Address = Schemas['Address'];

/** The `flow_id` of a record without a flow. */
export const NIL_UUID = '00000000-0000-0000-0000-000000000000';

/** A record, and the information about it in the response's headers. Older APIs send fewer headers. */
export type ProviderCallResult = {
  record: ProviderCall;
  /** Whether it is still unknown if its calls were placed. The record has no call ids until then. */
  unconfirmed: boolean;
  /** Whether it is the record of an earlier request with the same idempotency key. */
  replayed: boolean;
  /** The id of this request; empty if the response does not name one. */
  requestId: string;
  /** `agent:UUID` or `accesskey:UUID`. */
  createdBy?: string;
  /** `agent:UUID` or `accesskey:UUID`. */
  deletedBy?: string;
  /** The request that created the record. */
  createdByRequestId?: string;
  /** Calls that may or may not belong to this record, while it is unconfirmed. */
  candidates: string[];
};

export type ProviderCallList = {
  /** Newest first. */
  result: ProviderCall[];
  /** The `pageToken` of the next page; empty on the last one. */
  next_page_token: string;
  /** Ids of the records in this page whose calls may or may not have been placed. */
  unconfirmedIds: string[];
};

export type ListOptions = {
  /** 1 to 100. */
  pageSize?: number;
  pageToken?: string;
  providerId?: string;
};

export type CreateOptions = RequestOptions & {
  /**
   * 1 to 255 visible ASCII characters. With a key, the same request can be sent again without placing a second call,
   * and the client does so by itself after a lost connection.
   */
  idempotencyKey?: string;
};

const TEXT_FIELDS = ['id', 'provider_id', 'flow_id', 'anonymous', 'tm_create', 'tm_update'];

export type ProviderCallClient = ReturnType<typeof createProviderCallClient>;

/** Returns a client of the ProviderCall API. README.md lists the errors that its methods throw. */
export function createProviderCallClient(options: ClientOptions) {
  async function listProviderCalls(
    { pageSize, pageToken, providerId }: ListOptions = {},
    request: RequestOptions = {},
  ): Promise<ProviderCallList> {
    const query = { page_size: pageSize, page_token: pageToken, provider_id: providerId };
    return toList(await send(options, { ...request, method: 'GET', path: '/providercalls', query }));
  }

  return {
    /**
     * Places real, billable calls.
     *
     * @throws {TypeError} when the key is not one that the API accepts
     */
    async createProviderCall(
      body: CreateProviderCall,
      { idempotencyKey, ...request }: CreateOptions = {},
    ): Promise<ProviderCallResult> {
      if (idempotencyKey !== undefined && !isIdempotencyKey(idempotencyKey)) {
        throw new TypeError('idempotencyKey must be 1 to 255 visible ASCII characters');
      }
      return toResult(
        await send(options, { ...request, method: 'POST', path: '/providercalls', body, idempotencyKey }),
      );
    },

    /** Returns a record, deleted or not. */
    async getProviderCall(id: string, request: RequestOptions = {}): Promise<ProviderCallResult> {
      return toResult(await send(options, { ...request, method: 'GET', path: pathOf('providercalls', id) }));
    },

    /** Returns one page. */
    listProviderCalls,

    /** Yields all records, newest first, page by page. */
    allProviderCalls: (
      listOptions: Omit<ListOptions, 'pageToken'> = {},
      request: RequestOptions = {},
    ): AsyncGenerator<ProviderCall> =>
      allPages((pageToken) => listProviderCalls({ ...listOptions, pageToken }, request)),

    /** Removes a record from the lists. Its calls go on: the platform client's `hangUp` ends one. */
    async deleteProviderCall(id: string, request: RequestOptions = {}): Promise<ProviderCallResult> {
      return toResult(
        await send(options, { ...request, method: 'DELETE', path: pathOf('providercalls', id) }),
      );
    },
  };
}

/**
 * Returns whether the API accepts a text as an Idempotency-Key: 1 to 255 visible ASCII characters. An empty header might
 * not reach it, and then a request that is sent again would place its calls again.
 */
export function isIdempotencyKey(text: string): boolean {
  return /^[\x21-\x7e]{1,255}$/.test(text);
}

function toResult(response: ApiResponse): ProviderCallResult {
  const record = jsonOf(response);
  if (!isProviderCall(record)) throw new UnexpectedResponseError(response.status);
  const { headers } = response;
  const createdBy = headers.get('X-ProviderCall-Created-By');
  const deletedBy = headers.get('X-ProviderCall-Deleted-By');
  const createdByRequestId = headers.get('X-ProviderCall-Request-Id');
  return {
    record,
    unconfirmed: headers.get('X-ProviderCall-State') === 'unconfirmed',
    replayed: headers.get('Idempotent-Replayed') === 'true',
    requestId: headers.get('X-Request-Id') ?? '',
    ...(createdBy !== null && { createdBy }),
    ...(deletedBy !== null && { deletedBy }),
    ...(createdByRequestId !== null && { createdByRequestId }),
    candidates: idsIn(headers.get('X-ProviderCall-Candidates')),
  };
}

function toList(response: ApiResponse): ProviderCallList {
  const page = jsonOf(response);
  if (!isPage(page)) throw new UnexpectedResponseError(response.status);
  return { ...page, unconfirmedIds: idsIn(response.headers.get('X-ProviderCall-Unconfirmed')) };
}

function idsIn(header: string | null): string[] {
  return header === null ? [] : header.split(',').flatMap((id) => id.trim() || []);
}

/**
 * Checks the types of all fields except `customer_id`, which nobody reads because it is that of the credential. Later
 * versions of the API may add fields, and values of `anonymous` and `type`.
 */
function isProviderCall(value: unknown): value is ProviderCall {
  return (
    isObject(value) &&
    TEXT_FIELDS.every((name) => isText(value[name])) &&
    (value['source'] === null || isAddress(value['source'])) &&
    isListOf(value['destinations'], isAddress) &&
    isListOf(value['call_ids'], isText) &&
    isListOf(value['groupcall_ids'], isText) &&
    (value['tm_delete'] === null || isText(value['tm_delete']))
  );
}

function isAddress(value: unknown): boolean {
  return isObject(value) && isText(value['type']) && isText(value['target']) && isText(value['target_name']);
}

function isText(value: unknown): boolean {
  return typeof value === 'string';
}

function isPage(value: unknown): value is Schemas['ProviderCallPage'] {
  return isObject(value) && isText(value['next_page_token']) && isListOf(value['result'], isProviderCall);
}
