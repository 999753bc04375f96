import type { ComponentChildren } from 'preact';
import type { Resource } from '../hooks.ts';
import { FailureNotice } from './failure-notice.tsx';
import { Loading } from './loading.tsx';

/** Shows what was read, next to the failure if reading it again failed; before that, that it is being read. */
export function ResourceView<Value>({
  resource,
  what,
  title,
  children,
}: {
  resource: Resource<Value>;
  what: string;
  /** The view's heading while there is nothing to name it. */
  title?: string;
  children: (value: Value) => ComponentChildren;
}) {
  const { value, failure, isLoading, reload } = resource;
  return (
    <>
      {value === undefined && title !== undefined && <h1 tabIndex={-1}>{title}</h1>}
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
