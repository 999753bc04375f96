import { useState } from 'preact/hooks';
import { useSession } from '../session.ts';

/** Copies a text; if the browser does not allow that, the text next to it can still be selected. */
export function CopyButton({ text, label, name }: { text: string; label: string; name?: string }) {
  const { announce } = useSession();
  const [done, setDone] = useState<'copied' | 'refused' | undefined>();

  async function copy() {
    try {
      await navigator.clipboard.writeText(text);
      setDone('copied');
      announce(`${name ?? label} copied`);
    } catch {
      setDone('refused');
      announce('The browser does not allow copying: select the text instead.');
    }
  }

  return (
    <button
      type="button"
      class="small"
      onClick={copy}
      onBlur={() => setDone(undefined)}
      {...(name !== undefined && done === undefined && { 'aria-label': `Copy ${name}` })}
    >
      {done === 'copied' ? 'Copied' : done === 'refused' ? 'Select it' : label}
    </button>
  );
}
