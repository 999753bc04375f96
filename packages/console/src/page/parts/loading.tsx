import { useState } from 'preact/hooks';
import { useNow } from '../hooks.ts';

/** After this time the page says that the API is slow. */
const SLOW_AFTER_MS = 3_000;

/** Says that something is being loaded, and after a while that the API is slow. */
export function Loading({ what }: { what: string }) {
  const [startedAt] = useState(() => Date.now());
  const waitedMs = useNow(1_000).getTime() - startedAt;
  return (
    <p class="loading" role="status">
      Loading {what}…
      {waitedMs > SLOW_AFTER_MS && (
        <> The API is slow: {Math.round(waitedMs / 1_000)} s so far. The page keeps waiting.</>
      )}
    </p>
  );
}
