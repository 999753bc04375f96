import createClient, { type Client } from 'openapi-fetch';
import type { paths } from '../../packages/client/src/api.ts';
import {
  type Call,
  createPlatformClient,
  createProviderCallClient,
  type PlatformClient,
  type ProviderCall,
  type ProviderCallClient,
} from '../../packages/client/src/index.ts';

export type { Call, ProviderCall };

/** Both clients in one, and `api` for raw responses. */
export type JourneyClient = ProviderCallClient & PlatformClient & { api: Client<paths> };

type JourneyClientOptions = {
  baseUrl: string;
  token: string;
  fetch: (request: Request) => Promise<Response>;
};

/** Nothing is retried, so a journey sees every response. */
export function createJourneyClient({ baseUrl, token, fetch }: JourneyClientOptions): JourneyClient {
  const options = { baseUrl, token, fetch, maxRetries: 0 };
  return {
    ...createProviderCallClient(options),
    ...createPlatformClient(options),
    api: createClient<paths>({ baseUrl, fetch, headers: { Authorization: `Bearer ${token}` } }),
  };
}
