import { ProviderCallApiError } from '../../packages/client/src/index.ts';

/** The API's error that a promise ends with. Throws when it ends with anything else. */
export async function errorOf(promise: Promise<unknown>): Promise<ProviderCallApiError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof ProviderCallApiError) return error;
    throw error;
  }
  throw new Error('the request succeeded');
}
