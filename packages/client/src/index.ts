export * from './commands.ts';
export {
  type ApiErrorBody,
  ConnectionError,
  ProviderCallApiError,
  RequestTimeoutError,
  UnexpectedResponseError,
} from './errors.ts';
export * from './platform-client.ts';
export type * from './platform-resources.ts';
export * from './provider-call-client.ts';
export type { ClientOptions, Credential, RequestOptions, Retry } from './send.ts';
export * from './warnings.ts';
