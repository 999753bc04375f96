import type { ComponentChildren } from 'preact';
import { permissionExplanation } from '../credential.ts';
import type { Failure } from '../failure.ts';
import { useSession } from '../session.ts';
import { CopyButton } from './copy-button.tsx';
import { ForeignText } from './foreign-text.tsx';
import { Link } from './link.tsx';

/** What went wrong, what it means and what to do. */
export function FailureNotice({
  failure,
  onRetry,
  children,
}: {
  failure: Failure;
  onRetry?: (() => void) | undefined;
  children?: ComponentChildren;
}) {
  const { credential } = useSession();
  const { kind, title, advice, details, requestId, providerCallId } = failure;
  return (
    <div class={`notice ${kind === 'outcome-unknown' ? 'fair' : 'bad'}`} role="alert">
      <p class="notice-title">
        <ForeignText value={title} />
      </p>
      <p>{kind === 'permission' ? permissionExplanation(credential) : <ForeignText value={advice} />}</p>
      {details.length > 0 && (
        <ul>
          {details.map((detail) => (
            <li key={detail}>
              <ForeignText value={detail} />
            </li>
          ))}
        </ul>
      )}
      {providerCallId !== undefined && (
        <p>
          <Link to={{ view: 'record', id: providerCallId }}>Open the unconfirmed record</Link>
        </p>
      )}
      {children}
      <p class="actions">
        {onRetry !== undefined && (
          <button type="button" onClick={onRetry}>
            Try again
          </button>
        )}
        {requestId !== undefined && (
          <span class="muted">
            Request <code>{requestId}</code> <CopyButton text={requestId} label="Copy" name="request id" />
          </span>
        )}
      </p>
    </div>
  );
}
