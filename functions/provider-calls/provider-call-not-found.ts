import { PlatformError } from '../platform-error.ts';

/** One answer for what does not exist and for what is another customer's: neither tells that the other exists. */
export const providerCallNotFound = () =>
  new PlatformError(
    'PROVIDERCALL_NOT_FOUND',
    'There is no such ProviderCall. List the ProviderCalls and choose one.',
  );
