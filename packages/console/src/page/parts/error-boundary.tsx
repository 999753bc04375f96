import type { ComponentChildren } from 'preact';
import { useEffect, useErrorBoundary } from 'preact/hooks';
import { failureOf } from '../failure.ts';
import { FailureNotice } from './failure-notice.tsx';
import { Link } from './link.tsx';

/**
 * Shows an error that a view throws while it is rendered in the view's place, instead of leaving the page blank. What the
 * tab has stored stays there. Another address is a new attempt.
 */
export function ErrorBoundary({
  title,
  address,
  children,
}: {
  title: string;
  address: string;
  children: ComponentChildren;
}) {
  const [error, reset] = useErrorBoundary();
  useEffect(() => {
    if (error !== undefined) reset();
  }, [address]);
  if (error === undefined) return <>{children}</>;
  return (
    <>
      <h1 tabIndex={-1}>{title}</h1>
      <FailureNotice failure={failureOf(error)}>
        <p class="actions">
          <button type="button" onClick={reset}>
            Try again
          </button>
          <button type="button" onClick={() => location.reload()}>
            Reload the page
          </button>
          <Link class="button" to={{ view: 'providers' }}>
            Go to the providers
          </Link>
        </p>
      </FailureNotice>
    </>
  );
}
