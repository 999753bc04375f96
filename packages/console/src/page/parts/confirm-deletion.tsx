import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { type Failure, failureOf } from '../failure.ts';
import { useSession } from '../session.ts';
import { Dialog } from './dialog.tsx';
import { FailureNotice } from './failure-notice.tsx';

/** Asks for confirmation, deletes something, and reports a failure. */
export function ConfirmDeletion({
  what,
  children,
  remove,
  onClose,
  onDeleted,
}: {
  /** "record", "provider". */
  what: string;
  /** What the deletion means. */
  children: ComponentChildren;
  remove: () => Promise<unknown>;
  onClose: () => void;
  onDeleted: () => void;
}) {
  const { announce } = useSession();
  const [failure, setFailure] = useState<Failure>();
  const [isBusy, setBusy] = useState(false);

  async function confirm() {
    setBusy(true);
    try {
      await remove();
      announce(`The ${what} is deleted.`);
      onDeleted();
    } catch (error) {
      setFailure(failureOf(error));
      setBusy(false);
    }
  }

  return (
    <Dialog title={`Delete this ${what}?`} onClose={onClose}>
      {children}
      {failure !== undefined && <FailureNotice failure={failure} />}
      <p class="actions">
        <button type="button" onClick={onClose}>
          Keep it
        </button>
        <button type="button" class="danger" onClick={confirm} disabled={isBusy}>
          Delete the {what}
        </button>
      </p>
    </Dialog>
  );
}
