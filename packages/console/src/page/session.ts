import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Api } from './api.ts';
import type { Credential } from './credential.ts';
import type { Route } from './router.ts';
import { createTabStorage } from './tab-storage.ts';

/** Everything that views share. */
export type Session = {
  api: Api;
  credential: Credential;
  /** Shows another view; `replace` removes the current one from the history. */
  go(route: Route, options?: { replace?: boolean }): void;
  /** Announces a message through screen readers at once. */
  announce(message: string): void;
  /** Ends the session. If its credential was rejected or has expired, what was typed is kept. */
  signOut(options?: { isRejected?: boolean }): void;
};

/** What the tab keeps from one session to the next. */
export const TAB_STORAGE = createTabStorage(() => sessionStorage);

/** Provides the session to the views below it; undefined at the sign-in. */
export const SessionContext = createContext<Session | undefined>(undefined);

/**
 * Returns the session that a view belongs to.
 *
 * @throws {Error} outside a session, which is a mistake in the page itself
 */
export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === undefined) throw new Error('there is no session around this view');
  return session;
}
