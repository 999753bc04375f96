import { ProviderCallApiError } from '../../packages/client/src/index.ts';

/** Returns the API's error with which a promise is rejected. Throws if it ends in any other way. */
export async function errorOf(promise: Promise<unknown>): Promise<ProviderCallApiError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof ProviderCallApiError) return error;
    throw error;
  }
  throw new Error('the request succeeded');
}
