import { PlatformError } from '../platform-error.ts';

/** The one value sent under a name, or undefined. Throws PlatformError for more: which one was meant is not ours to say. */
export const onlyValue = ([value, ...more]: string[], name: string): string | undefined => {
  if (more.length > 0) {
    throw new PlatformError('INVALID_ARGUMENT', `Send ${name} once.`, {
      details: [{ field: name, message: 'must be given once' }],
    });
  }
  return value;
};
