import { beforeEach, describe, expect, test } from 'vitest';
import {
  claimsOf,
  credentialInFragment,
  loadCredential,
  nameOf,
  ownerOf,
  parseCredential,
  permissionExplanation,
  rejectionCauses,
  saveCredential,
} from '../src/page/credential.ts';
import { createTabStorage, type TabStorage } from '../src/page/tab-storage.ts';
import { FullStorage, MemoryStorage } from './memory-storage.ts';

const CUSTOMER = '6a93f71e-8b2d-4e5f-9a1c-2d3e4f5a6b7c';
const NOW = new Date('2026-11-25T00:00:00Z');

function tokenOf(claims: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'HS256' })}.${part(claims)}.c2lnbmF0dXJl`;
}

const agentToken = tokenOf({
  type: 'agent',
  expire: '2026-11-25T01:00:00.000000Z',
  agent: { customer_id: CUSTOMER, username: 'Zoë', permission: 0x20 },
});

describe('parseCredential', () => {
  test.each([
    [agentToken, { token: agentToken }],
    [`  ${agentToken}\n`, { token: agentToken }],
    [`Bearer ${agentToken}`, { token: agentToken }],
    [`Authorization: Bearer ${agentToken}`, { token: agentToken }],
    [`TOKEN=${agentToken}`, { token: agentToken }],
    [`export TOKEN="${agentToken}"`, { token: agentToken }],
    ['vb_0123456789abcdef', { accessKey: 'vb_0123456789abcdef' }],
  ])('accepts %s', (text, credential) => {
    expect(parseCredential(text)).toEqual(credential);
  });

  test.each(['', 'vb_', 'hello', 'a.b', 'a.b.c.d', 'vb_with space', '<img src=x onerror=alert(1)>'])(
    'rejects "%s"',
    (text) => {
      expect(parseCredential(text)).toBeUndefined();
    },
  );
});

describe('claimsOf', () => {
  test('reads what a token says about itself, in UTF-8', () => {
    expect(claimsOf({ token: agentToken })).toEqual({
      type: 'agent',
      expiresAt: new Date('2026-11-25T01:00:00Z'),
      permission: 0x20,
      username: 'Zoë',
      customerId: CUSTOMER,
    });
  });

  test('reads exp if there is no expire, and treats a missing type as an agent', () => {
    expect(claimsOf({ token: tokenOf({ exp: 1_800_000_000 }) })).toEqual({
      type: 'agent',
      expiresAt: new Date(1_800_000_000_000),
      permission: undefined,
      username: undefined,
      customerId: undefined,
    });
  });

  test.each([{ exp: 99_999_999_999_999 }, { exp: '1800000000' }, { expire: 'tomorrow' }, {}])(
    'does not know the expiry of a token with %o',
    (claims) => {
      expect(claimsOf({ token: tokenOf(claims) })?.expiresAt).toBeUndefined();
    },
  );

  test.each([[{ token: 'a.b.c' }], [{ token: 'a.bnVsbA.c' }], [{ accessKey: 'vb_x' }]])(
    'finds nothing in an unreadable credential %o',
    (credential) => {
      expect(claimsOf(credential)).toBeUndefined();
    },
  );
});

test('a credential is named without being shown', () => {
  expect(nameOf({ token: agentToken })).toBe('Zoë');
  expect(nameOf({ token: tokenOf({}) })).toBe('token');
  expect(nameOf({ accessKey: 'vb_0123456789abcdef' })).toBe('access key vb_012…');
  expect(ownerOf({ token: agentToken })).toBe(CUSTOMER);
  expect(ownerOf({ accessKey: 'vb_0123456789abcdef' })).toBe('access key vb_012…');
});

describe('rejectionCauses', () => {
  test('begins with the expiry of a token that has expired', () => {
    const expired = tokenOf({ expire: '2026-11-24T23:00:00.000000Z' });
    expect(rejectionCauses({ token: expired }, NOW)[0]).toBe('The token expired at 2026-11-24 23:00:00 UTC.');
  });

  test('names key, copying and clock for a token that has not', () => {
    expect(rejectionCauses({ token: agentToken }, NOW)).toEqual([
      expect.stringContaining('signed with a key'),
      expect.stringContaining('not copied completely'),
      expect.stringContaining('clock'),
    ]);
  });

  test('names revocation first for an access key', () => {
    expect(rejectionCauses({ accessKey: 'vb_x' }, NOW)[0]).toContain('revoked');
  });

  test('says that an unreadable token is not a token', () => {
    expect(rejectionCauses({ token: 'a.b.c' }, NOW)).toHaveLength(2);
  });
});

test.each([
  [{ token: agentToken }, 'This token has 0x0020 (PermissionCustomerAdmin)'],
  [{ token: tokenOf({ agent: { permission: 0x70 } }) }, 'PermissionCustomerAgent, PermissionCustomerAdmin'],
  [{ token: tokenOf({ agent: { permission: 2 } }) }, 'This token has 0x0002: it is'],
  [{ token: tokenOf({ type: 'direct' }) }, 'A token of type "direct" never has it'],
  [{ token: tokenOf({}) }, 'which this token does not have'],
  [{ accessKey: 'vb_x' }, 'Create one with --permission 1'],
])('the permission that %o lacks is explained', (credential, part) => {
  const explanation = permissionExplanation(credential);
  expect(explanation).toContain('ProviderCalls need PermissionProjectSuperAdmin (0x0001)');
  expect(explanation).toContain(part);
});

describe('the credential of a tab', () => {
  let storage: Storage;
  let tab: TabStorage;
  beforeEach(() => {
    storage = new MemoryStorage();
    tab = createTabStorage(() => storage);
  });

  test.each([[{ token: agentToken }], [{ accessKey: 'vb_x' }]])('%o is kept and forgotten', (credential) => {
    saveCredential(tab, credential);
    expect(loadCredential(tab)).toEqual(credential);
    saveCredential(tab, undefined);
    expect(loadCredential(tab)).toBeUndefined();
    expect(storage).toHaveLength(0);
  });

  test('that cannot be stored replaces another one until the tab is closed, and is asked for after a reload', () => {
    const full = new FullStorage({ 'providercall.credential': agentToken });
    const fullTab = createTabStorage(() => full);
    saveCredential(fullTab, { accessKey: 'vb_x' });
    expect(loadCredential(fullTab)).toEqual({ accessKey: 'vb_x' });
    expect(loadCredential(createTabStorage(() => full))).toBeUndefined();
  });

  test.each([
    [`#token=${agentToken}`, { token: agentToken }],
    ['#token=vb_x', { accessKey: 'vb_x' }],
    ['#accesskey=vb_x', { accessKey: 'vb_x' }],
    ['#main', undefined],
    ['', undefined],
  ])('in the fragment %s is %o', (fragment, credential) => {
    expect(credentialInFragment(fragment)).toEqual(credential);
  });
});
