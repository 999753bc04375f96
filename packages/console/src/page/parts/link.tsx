import type { ComponentChildren } from 'preact';
import { addressOf, type Route } from '../router.ts';

/** A link to a view. The page itself follows it; with a modifier key, the browser opens it elsewhere. */
export function Link({
  to,
  children,
  ...attributes
}: {
  to: Route;
  children: ComponentChildren;
  class?: string;
  'aria-current'?: 'page' | undefined;
  'aria-label'?: string;
}) {
  return (
    <a href={addressOf(to)} {...attributes}>
      {children}
    </a>
  );
}
