import createClient, { type Client } from 'openapi-fetch';
import type { components, paths } from './api.ts';
import { type ApiErrorBody, ProviderCallApiError } from './errors.ts';

export { type ApiErrorBody, ProviderCallApiError } from './errors.ts';

type Schemas = components['schemas'];

export type ProviderCall = Schemas['ProviderCall'];
export type CreateProviderCall = Schemas['CreateProviderCall'];
export type Address = Schemas['Address'];
export type Call = Schemas['Call'];
export type Provider = Schemas['Provider'];

/** A project super-admin's token, or a function that gives a fresh one, or an access key. */
export type Credential = { token: string | (() => string | Promise<string>) } | { accessKey: string };

export type ProviderCallClientOptions = Credential & {
  /** With the version prefix, such as `http://127.0.0.1:3000/v1.0`. */
  baseUrl: string;
  /** In place of the global fetch. */
  fetch?: (request: Request) => Promise<Response>;
};

/** A record as it was answered. */
export type ProviderCallAnswer = {
  record: ProviderCall;
  /** Whether its calls were placed is not known yet: the record has no call ids so far. */
  unconfirmed: boolean;
  /** It is the record of an earlier request with the same idempotency key. */
  replayed: boolean;
  requestId: string;
};

export type ListOptions = {
  /** 1 to 100. */
  pageSize?: number;
  pageToken?: string;
  providerId?: string;
};

export type ProviderCallClient = ReturnType<typeof createProviderCallClient>;

type Exchanged<Data> = { data?: Data; error?: { error: ApiErrorBody }; response: Response };

/** The data of an exchange. Throws ProviderCallApiError for what the API calls an error, Error for what is no answer of it. */
const dataOf = <Data>({ data, error, response }: Exchanged<Data>): Data => {
  if (data !== undefined) return data;
  if (typeof error === 'object' && typeof error.error === 'object') {
    throw new ProviderCallApiError(error, response);
  }
  throw new Error(`HTTP ${response.status} from something that is not the ProviderCall API`);
};

const answerOf = (exchanged: Exchanged<ProviderCall>): ProviderCallAnswer => {
  const { headers } = exchanged.response;
  return {
    record: dataOf(exchanged),
    unconfirmed: headers.get('X-ProviderCall-State') === 'unconfirmed',
    replayed: headers.get('Idempotent-Replayed') === 'true',
    requestId: headers.get('X-Request-Id') ?? '',
  };
};

/** The request with the credential in the place where the API takes it. */
const withCredential = async (request: Request, credential: Credential): Promise<Request> => {
  if ('accessKey' in credential) {
    const url = new URL(request.url);
    url.searchParams.set('accesskey', credential.accessKey);
    return new Request(url, request);
  }
  const { token } = credential;
  request.headers.set('Authorization', `Bearer ${typeof token === 'string' ? token : await token()}`);
  return request;
};

/**
 * A client of the ProviderCall API. Methods throw ProviderCallApiError. `api` is the openapi-fetch client of every
 * operation in contract/openapi.json, the platform's calls, flows and providers included.
 */
export const createProviderCallClient = ({ baseUrl, fetch, ...credential }: ProviderCallClientOptions) => {
  const api: Client<paths> = createClient<paths>({ baseUrl, ...(fetch && { fetch }) });
  api.use({ onRequest: ({ request }) => withCredential(request, credential) });
  const byId = (id: string) => ({ params: { path: { id } } });

  const listProviderCalls = async ({ pageSize, pageToken, providerId }: ListOptions = {}) =>
    dataOf(
      await api.GET('/providercalls', {
        params: {
          query: {
            ...(pageSize !== undefined && { page_size: pageSize }),
            ...(pageToken !== undefined && { page_token: pageToken }),
            ...(providerId !== undefined && { provider_id: providerId }),
          },
        },
      }),
    );

  return {
    api,

    /**
     * Places real calls. With an idempotency key (1 to 255 visible ASCII characters) the same request can be sent again
     * and places no second call.
     */
    createProviderCall: async (
      request: CreateProviderCall,
      { idempotencyKey }: { idempotencyKey?: string } = {},
    ): Promise<ProviderCallAnswer> =>
      answerOf(
        await api.POST('/providercalls', {
          body: request,
          params: { header: idempotencyKey === undefined ? {} : { 'Idempotency-Key': idempotencyKey } },
        }),
      ),

    /** A record, deleted or not. */
    getProviderCall: async (id: string): Promise<ProviderCallAnswer> =>
      answerOf(await api.GET('/providercalls/{id}', byId(id))),

    /** One page, newest first. */
    listProviderCalls,

    /** All records, newest first, page by page. */
    async *allProviderCalls(options: Omit<ListOptions, 'pageToken'> = {}): AsyncGenerator<ProviderCall> {
      let pageToken: string | undefined;
      do {
        const page = await listProviderCalls({ ...options, ...(pageToken !== undefined && { pageToken }) });
        yield* page.result;
        pageToken = page.next_page_token;
      } while (pageToken !== '');
    },

    /** Takes a record out of the lists. Its calls go on: `hangUp` ends one. */
    deleteProviderCall: async (id: string): Promise<ProviderCallAnswer> =>
      answerOf(await api.DELETE('/providercalls/{id}', byId(id))),

    /** What became of a call. */
    getCall: async (id: string): Promise<Call> => dataOf(await api.GET('/calls/{id}', byId(id))),

    /** Ends a call. */
    hangUp: async (id: string): Promise<Call> => dataOf(await api.POST('/calls/{id}/hangup', byId(id))),
  };
};
