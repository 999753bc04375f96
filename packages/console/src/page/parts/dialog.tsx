import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';

/** A modal question. Escape means no; afterwards the focus returns to where it was. */
export function Dialog({
  title,
  children,
  onClose,
}: {
  title: string;
  children: ComponentChildren;
  onClose: () => void;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const isClosed = useRef(false);
  const titleId = useId();
  useEffect(() => {
    const before = document.activeElement;
    dialog.current?.showModal();
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);

  // Escape raises cancel at once, but close only later, when the user may have opened the next dialog already. The focus returns
  // only from a dialog that is closed before it is removed.
  function close() {
    if (isClosed.current) return;
    isClosed.current = true;
    dialog.current?.close();
    onClose();
  }

  return (
    <dialog ref={dialog} aria-labelledby={titleId} onCancel={close} onClose={close}>
      <h2 id={titleId}>{title}</h2>
      {children}
    </dialog>
  );
}
