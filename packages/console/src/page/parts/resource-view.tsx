import type { ComponentChildren } from 'preact';
import type { Resource } from '../hooks.ts';
import { FailureNotice } from './failure-notice.tsx';
import { Loading } from './loading.tsx';

/** Shows what was read, next to the failure if reading it again failed; before that, that it is being read. */
export function ResourceView<Value>({
  resource,
  what,
  children,
}: {
  resource: Resource<Value>;
  what: string;
  children: (value: Value) => ComponentChildren;
}) {
  const { value, failure, isLoading, reload } = resource;
  return (
    <>
      {failure !== undefined && (
        <FailureNotice failure={failure} onRetry={reload}>
          {value !== undefined && <p>What is below was read before.</p>}
        </FailureNotice>
      )}
      {isLoading && value === undefined && <Loading what={what} />}
      {value !== undefined && children(value)}
    </>
  );
}
