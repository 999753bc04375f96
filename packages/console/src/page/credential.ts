import { isObject, jsonIn } from './json-text.ts';
import type { TabStorage } from './tab-storage.ts';

/** The credential with which the admin signs in. */
export type Credential = { token: string } | { accessKey: string };

/** What a token says about itself. The page cannot verify the signature; it only explains. */
export type TokenClaims = {
  type: string;
  expiresAt: Date | undefined;
  permission: number | undefined;
  username: string | undefined;
  customerId: string | undefined;
};

const STORAGE_KEY = 'providercall.credential';
const ACCESS_KEY = /^vb_[\x21-\x7e]+$/;
const COMPACT_JWS = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/** Returns pasted text as a credential, or undefined if it can be neither a token nor an access key. */
export function parseCredential(text: string): Credential | undefined {
  const bare = text
    .trim()
    .replace(/^(?:Authorization:\s*)?Bearer\s+/i, '')
    .replace(/^(?:export\s+)?TOKEN=/, '')
    .replace(/^(['"])(.*)\1$/, '$2')
    .trim();
  if (ACCESS_KEY.test(bare)) return { accessKey: bare };
  return COMPACT_JWS.test(bare) ? { token: bare } : undefined;
}

/** Returns the claims of a token, or undefined for an access key and for a token that cannot be read. */
export function claimsOf(credential: Credential): TokenClaims | undefined {
  if (!('token' in credential)) return undefined;
  const claims = jsonOf(credential.token.split('.')[1] ?? '');
  if (!isObject(claims)) return undefined;
  const agent = isObject(claims['agent']) ? claims['agent'] : {};
  return {
    type: typeof claims['type'] === 'string' ? claims['type'] : 'agent',
    expiresAt: expiryOf(claims),
    permission: typeof agent['permission'] === 'number' ? agent['permission'] : undefined,
    username: typeof agent['username'] === 'string' ? agent['username'] : undefined,
    customerId: typeof agent['customer_id'] === 'string' ? agent['customer_id'] : undefined,
  };
}

/** Returns the name under which the credential is shown; never the credential itself. */
export function nameOf(credential: Credential): string {
  if ('accessKey' in credential) return `access key ${credential.accessKey.slice(0, 6)}…`;
  return claimsOf(credential)?.username ?? 'token';
}

/** Returns the owner of requests: the token's customer, or else the credential's name. */
export function ownerOf(credential: Credential): string {
  return claimsOf(credential)?.customerId ?? nameOf(credential);
}

/** Returns the possible reasons why the API rejected the credential with 401, most likely first. */
export function rejectionCauses(credential: Credential, now: Date): string[] {
  if ('accessKey' in credential) {
    return [
      'The access key was revoked or has expired: `npm run -s accesskey -- list` shows both.',
      'It belongs to another stage: each stage has its own access keys.',
      'It was not copied completely: it begins with vb_ and is shown only once, when it is created.',
    ];
  }
  const claims = claimsOf(credential);
  const expiresAt = claims?.expiresAt;
  const malformed = 'It was not copied completely: a token has three parts separated by dots.';
  if (claims === undefined) return [malformed, 'It is not a token of this platform.'];
  const expired = expiresAt !== undefined && expiresAt <= now;
  return [
    ...(expired
      ? [`The token expired at ${expiresAt.toISOString().replace('T', ' ').slice(0, 19)} UTC.`]
      : []),
    'It was signed with a key that this API does not know: it belongs to another stage, or the key was rotated.',
    malformed,
    ...(expired
      ? []
      : ['The API’s clock is ahead of this computer’s, so that the token has expired there but not here.']),
  ];
}

const PERMISSIONS: readonly (readonly [number, string])[] = [
  [0x0001, 'PermissionProjectSuperAdmin'],
  [0x0010, 'PermissionCustomerAgent'],
  [0x0020, 'PermissionCustomerAdmin'],
  [0x0040, 'PermissionCustomerManager'],
];

/** Returns why a valid credential may not use ProviderCalls, in one sentence or two. */
export function permissionExplanation(credential: Credential): string {
  const needed = 'ProviderCalls need PermissionProjectSuperAdmin (0x0001)';
  if ('accessKey' in credential) {
    return `${needed}, which this access key does not have. Create one with --permission 1.`;
  }
  const claims = claimsOf(credential);
  if (claims?.type === 'direct' || claims?.type === 'delegate') {
    return `${needed}. A token of type "${claims.type}" never has it. Sign in with an agent's token.`;
  }
  const permission = claims?.permission;
  if (permission === undefined) return `${needed}, which this token does not have.`;
  const names = PERMISSIONS.filter(([bit]) => (permission & bit) !== 0).map(([, name]) => name);
  const held = names.length === 0 ? '' : ` (${names.join(', ')})`;
  const mask = `0x${permission.toString(16).toUpperCase().padStart(4, '0')}`;
  return `${needed}. This token has ${mask}${held}: it is a customer's, not a project super-admin's.`;
}

/** Returns the credential of this tab. */
export function loadCredential(storage: TabStorage): Credential | undefined {
  const stored = storage.get(STORAGE_KEY);
  return stored === null ? undefined : parseCredential(stored);
}

/** Stores the credential for this tab only, until the tab is closed. */
export function saveCredential(storage: TabStorage, credential: Credential | undefined): void {
  // Another credential must not return after a reload because this one could not be stored.
  storage.remove(STORAGE_KEY);
  if (credential === undefined) return;
  storage.set(STORAGE_KEY, 'token' in credential ? credential.token : credential.accessKey);
}

/** Returns the credential in an address's fragment, `#token=…`, or undefined if there is none. */
export function credentialInFragment(fragment: string): Credential | undefined {
  const parameters = new URLSearchParams(fragment.replace(/^#/, ''));
  return parseCredential(parameters.get('token') ?? parameters.get('accesskey') ?? '');
}

/** The platform's own `expire` (UTC, ISO 8601), else the registered `exp` (RFC 7519 §4.1.4). */
function expiryOf(claims: Record<string, unknown>): Date | undefined {
  const { expire, exp } = claims;
  const time = typeof expire === 'string' ? Date.parse(expire) : typeof exp === 'number' ? exp * 1000 : NaN;
  const expiry = new Date(time);
  // A number may lie beyond the 100,000,000 days from 1970 that a Date reaches.
  return Number.isNaN(expiry.getTime()) ? undefined : expiry;
}

function jsonOf(base64url: string): unknown {
  try {
    const binary = atob(base64url.replaceAll('-', '+').replaceAll('_', '/'));
    const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
    return jsonIn(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}
