import type { ComponentChildren } from 'preact';

/** A named value of a description list, `<dl class="facts">`. */
export function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** Stands for a value that is empty. */
export function None() {
  return <span class="muted">none</span>;
}
