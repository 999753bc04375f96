import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { createApi } from './api.ts';
import {
  type Credential,
  claimsOf,
  credentialInFragment,
  loadCredential,
  nameOf,
  saveCredential,
} from './credential.ts';
import { plainText } from './display-text.ts';
import { useNow } from './hooks.ts';
import { ErrorBoundary } from './parts/error-boundary.tsx';
import { Link } from './parts/link.tsx';
import { addressOf, type Route, routeOf } from './router.ts';
import { type Session, SessionContext, TAB_STORAGE } from './session.ts';
import { CompareView } from './views/compare.tsx';
import { EditProviderView, NewProviderView } from './views/edit-provider.tsx';
import { PlaceView } from './views/place.tsx';
import { ProviderView } from './views/provider.tsx';
import { ProvidersView } from './views/providers.tsx';
import { RecordView } from './views/record.tsx';
import { RecordsView } from './views/records.tsx';
import { SignIn } from './views/sign-in.tsx';

/** The whole page: sign-in, or navigation and one view. */
export function App() {
  const [credential, setCredential] = useState<Credential | undefined>(initialCredential);
  const [rejected, setRejected] = useState<Credential>();
  const [message, setMessage] = useState('');
  const { route, go } = useRoute();

  const signOut = useCallback(({ isRejected = false } = {}) => {
    saveCredential(TAB_STORAGE, undefined);
    // Signing out leaves nothing behind; after an involuntary sign-out, what was typed is still there on return.
    if (!isRejected) TAB_STORAGE.clear();
    setCredential((present) => {
      if (isRejected && present !== undefined) setRejected(present);
      return undefined;
    });
  }, []);

  const session = useMemo<Session | undefined>(
    () =>
      credential && {
        api: createApi(credential, location.origin, () => signOut({ isRejected: true })),
        credential,
        go,
        announce: (text) => setMessage(plainText(text)),
        signOut,
      },
    [credential, go, signOut],
  );
  useTitle(credential === undefined ? 'Sign in' : titleOf(route));

  if (session === undefined) {
    return (
      <>
        <Header />
        <SignIn
          rejected={rejected}
          onSignIn={(given) => {
            saveCredential(TAB_STORAGE, given);
            setRejected(undefined);
            setCredential(given);
          }}
        />
      </>
    );
  }
  return (
    <SessionContext.Provider value={session}>
      <a class="skip" href="#main">
        Skip to the content
      </a>
      <Header session={session} route={route} />
      <Expiry session={session} />
      {TAB_STORAGE.isBlocked && (
        <p class="banner" role="status">
          This browser does not let the page store anything. A reload signs you out and empties the forms, and
          calls can only be placed with a copied command.
        </p>
      )}
      <Main route={route} />
      <p class="visually-hidden" role="status" aria-live="polite">
        {message}
      </p>
    </SessionContext.Provider>
  );
}

function Header({ session, route }: { session?: Session; route?: Route }) {
  return (
    <header class="page-header">
      <a class="brand" href="/providers">
        ProviderCall
      </a>
      {session !== undefined && route !== undefined && (
        <nav aria-label="Main">
          {NAVIGATION.map(({ label, to, views }) => (
            <Link key={label} to={to} aria-current={views.includes(route.view) ? 'page' : undefined}>
              {label}
            </Link>
          ))}
          <a href="/docs">API</a>
        </nav>
      )}
      {session !== undefined && (
        <p class="identity">
          <span class="muted">{nameOf(session.credential)}</span>
          <button type="button" class="small" onClick={() => session.signOut()}>
            Sign out
          </button>
        </p>
      )}
    </header>
  );
}

const NAVIGATION: readonly { label: string; to: Route; views: readonly Route['view'][] }[] = [
  {
    label: 'Providers',
    to: { view: 'providers' },
    views: ['providers', 'provider', 'new-provider', 'edit-provider'],
  },
  { label: 'Place a call', to: { view: 'place' }, views: ['place'] },
  { label: 'Records', to: { view: 'records' }, views: ['records', 'record'] },
  { label: 'Compare', to: { view: 'compare' }, views: ['compare'] },
];

const WARN_BEFORE_MS = 5 * 60_000;

/** Ends the session when the token expires, with a warning beforehand. */
function Expiry({ session }: { session: Session }) {
  const expiresAt = claimsOf(session.credential)?.expiresAt;
  const now = useNow(1_000, expiresAt !== undefined);
  const leftMs = expiresAt === undefined ? Number.POSITIVE_INFINITY : expiresAt.getTime() - now.getTime();
  const { signOut } = session;
  useEffect(() => {
    if (leftMs <= 0) signOut({ isRejected: true });
  }, [leftMs <= 0, signOut]);
  if (leftMs > WARN_BEFORE_MS || leftMs <= 0) return null;
  const minutes = Math.ceil(leftMs / 60_000);
  return (
    <p class="banner" role="status">
      Your token expires in {minutes === 1 ? 'less than a minute' : `${minutes} minutes`}. What you type is
      kept when you sign in again.
    </p>
  );
}

/** The view of a route. It gets the focus whenever the user comes from another view. */
function Main({ route }: { route: Route }) {
  const main = useRef<HTMLElement>(null);
  const key = keyOf(route);
  const before = useRef(key);
  useEffect(() => {
    if (before.current === key) return;
    before.current = key;
    window.scrollTo(0, 0);
    main.current?.focus({ preventScroll: true });
  }, [key]);
  return (
    <main id="main" ref={main} tabIndex={-1} key={key}>
      <ErrorBoundary title={titleOf(route)} address={addressOf(route)}>
        <View route={route} />
      </ErrorBoundary>
    </main>
  );
}

/** Returns a key that is the same for routes to the same view and id, whichever message is open. */
function keyOf(route: Route): string {
  switch (route.view) {
    case 'provider':
    case 'edit-provider':
      return `${route.view} ${route.id}`;
    case 'record':
      return `record ${route.id}`;
    default:
      return route.view;
  }
}

function View({ route }: { route: Route }) {
  switch (route.view) {
    case 'providers':
      return <ProvidersView />;
    case 'new-provider':
      return <NewProviderView />;
    case 'provider':
      return <ProviderView id={route.id} />;
    case 'edit-provider':
      return <EditProviderView id={route.id} />;
    case 'place':
      return <PlaceView providerId={route.providerId} />;
    case 'records':
      return <RecordsView providerId={route.providerId} pageToken={route.pageToken} />;
    case 'record':
      return <RecordView route={route} />;
    case 'compare':
      return <CompareView first={route.first} second={route.second} />;
    case 'unknown':
      return (
        <>
          <h1 tabIndex={-1}>There is no such page</h1>
          <p>
            Nothing is at this address. <Link to={{ view: 'providers' }}>Go to the providers</Link>.
          </p>
        </>
      );
  }
}

const TITLES: Readonly<Record<Route['view'], string>> = {
  providers: 'Providers',
  'new-provider': 'Add a provider',
  provider: 'Provider',
  'edit-provider': 'Edit the provider',
  place: 'Place a call',
  records: 'Records',
  record: 'Record',
  compare: 'Compare',
  unknown: 'No such page',
};

function titleOf({ view }: Route): string {
  return TITLES[view];
}

function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · ProviderCall`;
  }, [title]);
}

/** Returns the credential in the address's fragment, which is removed at once, or else the one stored in this tab. */
function initialCredential(): Credential | undefined {
  const given = credentialInFragment(location.hash);
  if (given === undefined) return loadCredential(TAB_STORAGE);
  saveCredential(TAB_STORAGE, given);
  history.replaceState(null, '', location.pathname + location.search);
  return given;
}

/** Returns the current route, which follows links, `go`, back and forward. */
function useRoute() {
  const [route, setRoute] = useState<Route>(() => routeOf(location));

  const go = useCallback((next: Route, { replace = false }: { replace?: boolean } = {}) => {
    const address = addressOf(next);
    const isSame = address === location.pathname + location.search;
    if (replace || isSame) history.replaceState(null, '', address);
    else history.pushState(null, '', address);
    setRoute(next);
  }, []);

  useEffect(() => {
    const onPop = () => setRoute(routeOf(location));
    const onClick = (event: MouseEvent) => {
      const link = event.target instanceof Element ? event.target.closest('a') : null;
      if (link === null || event.defaultPrevented || event.button !== 0) return;
      if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
      const href = link.getAttribute('href');
      if (href === null || !href.startsWith('/') || link.hasAttribute('download')) return;
      const next = routeOf(new URL(href, location.origin));
      if (next.view === 'unknown') return;
      event.preventDefault();
      go(next, { replace: link.hasAttribute('data-replace') });
    };
    addEventListener('popstate', onPop);
    document.addEventListener('click', onClick);
    return () => {
      removeEventListener('popstate', onPop);
      document.removeEventListener('click', onClick);
    };
  }, [go]);

  return { route, go };
}
