import type { ComponentChildren } from 'preact';
import type { Resource } from '../hooks.ts';
import { FailureNotice } from './failure-notice.tsx';
import { Loading } from './loading.tsx';

/**
 * Shows the value that was read, along with the failure if reading it again failed. Before that, it shows that it is
 * being read.
 */
export function ResourceView<Value>({
  resource,
  what,
  title,
  children,
}: {
  resource: Resource<Value>;
  what: string;
  /** The view's heading until there is a value to name it. */
  title?: string;
  children: (value: Value) => ComponentChildren;
}) {
  const { value, failure, isLoading, reload } = resource;
  return (
    <>
      {value === undefined && title !== undefined && <h1 tabIndex={-1}>{title}</h1>}
      {failure !== undefined && (
        <FailureNotice failure={failure} onRetry={reload}>
          {value !== undefined && <p>The data below was read earlier.</p>}
        </FailureNotice>
      )}
      {isLoading && value === undefined && <Loading what={what} />}
      {value !== undefined && children(value)}
    </>
  );
}
