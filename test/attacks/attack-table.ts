import { createHmac, generateKeyPairSync } from 'node:crypto';
import { encode, signJwt, signWithPrivateKey } from '../functions/auth/sign-jwt.ts';
import type { Sent } from '../functions/authorizer-under-test.ts';
import { IDS } from '../functions/provider-calls/sample-record.ts';

/** How an attack is rejected: the status, and for a 403 the reason. */
export type Rejection = 401 | '403 PERMISSION_DENIED' | '403 DIRECT_ACCESS_NOT_SUPPORTED';

export type Attack = {
  name: string;
  /** Why it must not be admitted. */
  why: string;
  rejection: Rejection;
  sent: Sent;
};

/** Access keys in the table of the system under attack, and one that is not there. */
export const ACCESS_KEYS = {
  good: `vb_${'G'.repeat(43)}`,
  expired: `vb_${'E'.repeat(43)}`,
  revoked: `vb_${'R'.repeat(43)}`,
  customers: `vb_${'C'.repeat(43)}`,
  unknown: `vb_${'U'.repeat(43)}`,
} as const;

/** The items of the keys in the table, without their hashes. */
export const ACCESS_KEY_ITEMS = [
  [
    ACCESS_KEYS.good,
    { id: 'a0000000-0000-4000-8000-000000000001', customer_id: IDS.customer, permission: 1 },
  ],
  [
    ACCESS_KEYS.expired,
    {
      id: 'a0000000-0000-4000-8000-000000000002',
      customer_id: IDS.customer,
      permission: 1,
      tm_expire: '2026-01-01 00:00:00.000000',
    },
  ],
  [
    ACCESS_KEYS.revoked,
    {
      id: 'a0000000-0000-4000-8000-000000000003',
      customer_id: IDS.customer,
      permission: 1,
      tm_delete: '2026-01-01 00:00:00.000000',
    },
  ],
  [
    ACCESS_KEYS.customers,
    { id: 'a0000000-0000-4000-8000-000000000004', customer_id: IDS.customer, permission: 0x20 },
  ],
] as const;

const AGENT = { id: IDS.agent, customer_id: IDS.customer, username: 'admin', permission: 1 };

/** Returns a token that is admitted, to show that what the table changes causes the rejection. */
export function goodToken(key: string, changes: Record<string, unknown> = {}) {
  return signJwt({ ...goodClaims(), ...changes }, key);
}

function goodClaims() {
  return { type: 'agent', expire: expireIn(3600), agent: AGENT };
}

/**
 * Returns every attack on the authorizer of a system whose signing key is `key`. Each differs from a good
 * request in one respect.
 */
export function attacksOn(key: string): Attack[] {
  const token = goodToken(key);
  const [header = '', payload = '', signature = ''] = token.split('.');
  const bearer = (text: string): Sent => ({ headers: { Authorization: [`Bearer ${text}`] } });
  const withClaims = (changes: Record<string, unknown>) => bearer(goodToken(key, changes));
  const withAgent = (changes: Record<string, unknown>) => withClaims({ agent: { ...AGENT, ...changes } });
  const withHeader = (changes: Record<string, unknown>) =>
    bearer(signJwt(goodClaims(), key, { alg: 'HS256', typ: 'JWT', ...changes }));
  const withText = (claims: string) => bearer(signJwt(claims, key));
  const unsigned = (alg: unknown, end = '') => bearer(`${encode({ alg, typ: 'JWT' })}.${payload}.${end}`);
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const rsaPem = rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const publicPem = rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const ecPem = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString();
  const hmac = (algorithm: 'sha384' | 'sha512', alg: string) => {
    const input = `${encode({ alg, typ: 'JWT' })}.${payload}`;
    return bearer(`${input}.${createHmac(algorithm, key).update(input).digest('base64url')}`);
  };

  const rows: [name: string, rejection: Rejection, why: string, sent: Sent][] = [
    // No credential, or one of no known kind.
    ['no credential', 401, 'nobody says who it is', {}],
    [
      'an empty Authorization header',
      401,
      'an empty credential proves nothing',
      { headers: { Authorization: [''] } },
    ],
    ['an empty ?token=', 401, 'the same', { query: { token: [''] } }],
    ['an empty ?accesskey=', 401, 'the same', { query: { accesskey: [''] } }],
    [
      'Basic',
      401,
      'the platform has no passwords here',
      { headers: { Authorization: ['Basic YWRtaW46YWRtaW4='] } },
    ],
    [
      'the token without Bearer',
      401,
      'the scheme says how to read what follows',
      { headers: { Authorization: [token] } },
    ],
    [
      'the token in a cookie',
      401,
      'a browser would send it unasked (CSRF)',
      { headers: { Cookie: [`token=${token}`] } },
    ],
    ['the token in a header of its own', 401, 'no other place counts', { headers: { 'X-Token': [token] } }],
    [
      'the token as access key',
      401,
      'it does not have the form of an access key',
      { query: { accesskey: [token] } },
    ],
    ['an access key as token', 401, 'it does not have the form of a token', bearer(ACCESS_KEYS.good)],
    // More than one.
    [
      'two Authorization headers',
      401,
      'a proxy may check the one and we the other',
      { headers: { Authorization: [`Bearer ${token}`, `Bearer ${token}`] } },
    ],
    [
      'two in one Authorization header',
      401,
      'the same',
      { headers: { Authorization: [`Bearer ${token}, Bearer ${token}`] } },
    ],
    ['two ?token=', 401, 'the same', { query: { token: [token, token] } }],
    [
      '?token= and ?accesskey=',
      401,
      'the same',
      { query: { token: [token], accesskey: [ACCESS_KEYS.good] } },
    ],
    [
      'header and ?token=',
      401,
      'the same',
      { headers: { Authorization: [`Bearer ${token}`] }, query: { token: [token] } },
    ],
    [
      'a bad header and a good ?token=',
      401,
      'the same',
      { headers: { Authorization: ['Bearer abc'] }, query: { token: [token] } },
    ],
    // Form.
    ['no JWT', 401, 'nothing to verify', bearer('abc')],
    ['two parts', 401, 'the signature is missing', bearer(`${header}.${payload}`)],
    ['an empty signature', 401, 'the same', bearer(`${header}.${payload}.`)],
    ['four parts', 401, 'what the fourth would mean is anybody’s guess', bearer(`${token}.${signature}`)],
    [
      'five parts',
      401,
      'that would be encrypted (JWE); we decrypt nothing',
      bearer(`${header}.${payload}.${signature}.${payload}.${signature}`),
    ],
    ['white space at its end', 401, 'two spellings of one token', { query: { token: [`${token} `] } }],
    ['padding', 401, 'the same: base64url in a JWT has none', bearer(`${token}=`)],
    [
      'a token of 1 MB',
      401,
      'it is not worth parsing',
      { query: { token: [`${header}.${encode('x'.repeat(750_000))}.${signature}`] } },
    ],
    [
      'a signed token of 8 KB and more',
      401,
      'the same, whoever signed it',
      withClaims({ filler: 'x'.repeat(8_192) }),
    ],
    [
      'claims nested without end',
      401,
      'parsing it would overflow the stack',
      withText(`{"a":${'['.repeat(2_800)}${']'.repeat(2_800)}}`),
    ],
    ['claims that are a list', 401, 'claims are an object', withText('[]')],
    ['claims that are null', 401, 'the same', withText('null')],
    ['claims that are not JSON', 401, 'the same', withText('admin')],
    ['a header that is not JSON', 401, 'it names no algorithm', bearer(signJwt(goodClaims(), key, 'HS256'))],
    ['a header that is a list', 401, 'the same', bearer(signJwt(goodClaims(), key, ['HS256']))],
    // Signature.
    ['a cut signature', 401, 'part of a proof proves nothing', bearer(token.slice(0, -1))],
    ['half a signature', 401, 'the same', bearer(`${header}.${payload}.${signature.slice(0, 20)}`)],
    [
      'a changed signature',
      401,
      'the same',
      bearer(`${header}.${payload}.${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`),
    ],
    ['a longer signature', 401, 'the same', bearer(`${token}AAAA`)],
    [
      'claims changed after signing',
      401,
      'the signature covers other claims',
      bearer(
        `${header}.${encode({ ...goodClaims(), agent: { ...AGENT, customer_id: IDS.otherCustomer } })}.${signature}`,
      ),
    ],
    [
      'another’s key',
      401,
      'anybody can sign with their own key',
      bearer(goodToken('attackers-own-key-of-32-bytes-00')),
    ],
    ['the empty key', 401, 'an unset key must not be one', bearer(goodToken(''))],
    ['a key of zeros', 401, 'the same', bearer(goodToken('\0'.repeat(32)))],
    [
      'the published key',
      401,
      'it is in our own source',
      bearer(goodToken('provider-call-development-key-not-for-any-deployed-stack')),
    ],
    ['the key with a line feed', 401, 'another key', bearer(goodToken(`${key}\n`))],
    ['the key in base64', 401, 'the same', bearer(goodToken(Buffer.from(key).toString('base64')))],
    // Algorithm.
    ['alg none', 401, 'unsigned (RFC 8725 §2.1)', unsigned('none')],
    ['alg none, signed', 401, 'the same', unsigned('none', signature)],
    ['alg None', 401, 'another spelling of it', unsigned('None', signature)],
    ['alg NONE', 401, 'the same', unsigned('NONE', signature)],
    ['alg nOnE', 401, 'the same', unsigned('nOnE', signature)],
    ['alg of an empty name', 401, 'the same', unsigned('', signature)],
    ['alg null', 401, 'the same', unsigned(null, signature)],
    ['alg as a list', 401, 'the same', unsigned(['HS256'], signature)],
    ['no alg', 401, 'the same', bearer(signJwt(goodClaims(), key, { typ: 'JWT' }))],
    ['alg hs256', 401, 'names are exact (RFC 7515 §4.1.1)', withHeader({ alg: 'hs256' })],
    ['alg HS256 with a space', 401, 'the same', withHeader({ alg: 'HS256 ' })],
    ['HS384', 401, 'not on the list, though the key is right', hmac('sha384', 'HS384')],
    ['HS512', 401, 'the same', hmac('sha512', 'HS512')],
    [
      'RS256 without a key set',
      401,
      'no public key is trusted',
      bearer(signWithPrivateKey(goodClaims(), rsaPem, { alg: 'RS256' })),
    ],
    [
      'ES256 without a key set',
      401,
      'the same',
      bearer(signWithPrivateKey(goodClaims(), ecPem, { alg: 'ES256' })),
    ],
    ['RS256 over an HMAC', 401, 'the header must not choose the kind of key', withHeader({ alg: 'RS256' })],
    ['HS256 by a public key', 401, 'a public key is no secret (RFC 8725 §2.1)', bearer(goodToken(publicPem))],
    // The header must not choose the key.
    [
      'kid as a path',
      401,
      'signed with the file that it names',
      bearer(signJwt(goodClaims(), '', { alg: 'HS256', kid: '../../../../dev/null' })),
    ],
    [
      'kid as SQL',
      401,
      'signed with what it would select',
      bearer(signJwt(goodClaims(), 'secret', { alg: 'HS256', kid: "x' UNION SELECT 'secret" })),
    ],
    [
      'jwk in the header',
      401,
      'a key that the token itself contains proves nothing',
      bearer(signJwt(goodClaims(), 'attacker', { alg: 'HS256', jwk: { kty: 'oct', k: encode('attacker') } })),
    ],
    [
      'jku in the header',
      401,
      'the same by URL, which is not fetched',
      bearer(signJwt(goodClaims(), 'attacker', { alg: 'HS256', jku: 'http://127.0.0.1:9/jwks.json' })),
    ],
    [
      'x5u in the header',
      401,
      'the same',
      bearer(signJwt(goodClaims(), 'attacker', { alg: 'HS256', x5u: 'http://127.0.0.1:9/cert.pem' })),
    ],
    [
      'crit with an extension',
      401,
      'what is critical and not understood is rejected (RFC 7515 §4.1.11)',
      withHeader({ crit: ['exp'], exp: 1 }),
    ],
    ['an unencoded payload', 401, 'RFC 7797 is not for JWTs', withHeader({ crit: ['b64'], b64: false })],
    // Time.
    ['expired by one second over the skew', 401, 'its time is over', withClaims({ expire: expireIn(-31) })],
    ['exp expired by one second over the skew', 401, 'the same', withClaims({ exp: secondsFromNow(-31) })],
    ['expire to come, exp over', 401, 'the earlier one counts', withClaims({ exp: secondsFromNow(-3600) })],
    [
      'exp in the future, expire in the past',
      401,
      'the same',
      withClaims({ expire: expireIn(-3600), exp: secondsFromNow(3600) }),
    ],
    [
      'neither expire nor exp',
      401,
      'a token that never expires cannot be revoked',
      withClaims({ expire: undefined }),
    ],
    ['expire null', 401, 'the same', withClaims({ expire: null })],
    ['expire as a number', 401, 'not of its type', withClaims({ expire: secondsFromNow(3600) })],
    [
      'expire without microseconds',
      401,
      'not the platform’s form',
      withClaims({ expire: '2099-01-01T00:00:00Z' }),
    ],
    [
      'expire on a day that does not exist',
      401,
      'the same',
      withClaims({ expire: '2099-02-30T00:00:00.000000Z' }),
    ],
    ['expire in another zone', 401, 'the same', withClaims({ expire: '2099-01-01T00:00:00.000000+14:00' })],
    ['exp as text', 401, 'not of its type', withClaims({ exp: '4102444800' })],
    [
      'exp beyond all numbers',
      401,
      'the same',
      withText(JSON.stringify(goodClaims()).replace('{', '{"exp":1e999,')),
    ],
    ['nbf far in the future', 401, 'it is not valid yet', withClaims({ nbf: secondsFromNow(365 * 86_400) })],
    ['nbf in two minutes', 401, 'the same', withClaims({ nbf: secondsFromNow(120) })],
    ['nbf as text', 401, 'not of its type', withClaims({ nbf: '0' })],
    // Claims.
    [
      'a type that the platform does not have',
      401,
      'unknown rights are no rights',
      withClaims({ type: 'root' }),
    ],
    ['type null', 401, 'the same', withClaims({ type: null })],
    ['type as a list', 401, 'the same', withClaims({ type: ['agent'] })],
    ['type AGENT', 401, 'the same', withClaims({ type: 'AGENT' })],
    ['no agent', 401, 'it speaks for nobody', withClaims({ agent: undefined })],
    ['agent null', 401, 'the same', withClaims({ agent: null })],
    ['agent as text', 401, 'the same', withClaims({ agent: JSON.stringify(AGENT) })],
    ['agent as a list', 401, 'the same', withClaims({ agent: [AGENT] })],
    ['no customer', 401, 'its records would be nobody’s', withAgent({ customer_id: undefined })],
    ['the nil customer', 401, 'the same', withAgent({ customer_id: '00000000-0000-0000-0000-000000000000' })],
    [
      'a customer that is not a UUID',
      401,
      'it would become part of an index key',
      withAgent({ customer_id: `${IDS.customer}#${IDS.provider}` }),
    ],
    [
      'customers as a list',
      401,
      'one token, one customer',
      withAgent({ customer_id: [IDS.customer, IDS.otherCustomer] }),
    ],
    ['an agent without id', 401, 'the audit record must name who it was', withAgent({ id: undefined })],
    ['an agent whose id is a number', 401, 'the same', withAgent({ id: 1 })],
    [
      'a claim named twice',
      401,
      'another parser may take the first (RFC 8725 §2.4)',
      withText(JSON.stringify(goodClaims()).replace('"agent":', '"agent":{"permission":0},"agent":')),
    ],
    [
      'a claim named twice within the agent',
      401,
      'the same',
      withText(JSON.stringify(goodClaims()).replace('"permission":1', '"permission":0,"permission":1')),
    ],
    [
      'a claim named twice by an escape',
      401,
      'the same',
      withText(JSON.stringify(goodClaims()).replace('"permission":1', '"permission":0,"p\\u0065rmission":1')),
    ],
    ['alg named twice', 401, 'the same', bearer(signJwt(goodClaims(), key, '{"alg":"none","alg":"HS256"}'))],
    [
      'an agent in __proto__',
      401,
      'a prototype is not a claim',
      withText(`{"expire":"${expireIn(3600)}","__proto__":{"agent":${JSON.stringify(AGENT)}}}`),
    ],
    // Permission.
    ['permission as text', 401, 'not of its type', withAgent({ permission: '1' })],
    ['permission as hexadecimal text', 401, 'the same', withAgent({ permission: '0x1' })],
    ['permission 1.5', 401, 'the same: a mask has no fraction', withAgent({ permission: 1.5 })],
    ['permission -1', 401, 'a mask of all bits in 32-bit arithmetic', withAgent({ permission: -1 })],
    [
      'permission 2^53',
      401,
      'JSON carries it, and its neighbour, as the same number',
      withAgent({ permission: 2 ** 53 }),
    ],
    [
      'permission 2^53 + 1',
      401,
      'the same',
      withText(JSON.stringify(goodClaims()).replace('"permission":1', '"permission":9007199254740993')),
    ],
    [
      'permission 1e999',
      401,
      'no number',
      withText(JSON.stringify(goodClaims()).replace('"permission":1', '"permission":1e999')),
    ],
    ['permission true', 401, 'not of its type', withAgent({ permission: true })],
    ['permission null', 401, 'the same', withAgent({ permission: null })],
    ['permission as a list', 401, 'the same', withAgent({ permission: [1] })],
    ['no permission', 401, 'the same', withAgent({ permission: undefined })],
    [
      'permission beside the agent',
      '403 PERMISSION_DENIED',
      'only the agent’s own counts',
      withClaims({ permission: 1, agent: { ...AGENT, permission: 0 } }),
    ],
    ['permission 0', '403 PERMISSION_DENIED', 'no bit at all', withAgent({ permission: 0 })],
    ['bit 2 without bit 1', '403 PERMISSION_DENIED', 'another project right', withAgent({ permission: 2 })],
    ['all project bits but the first', '403 PERMISSION_DENIED', 'the same', withAgent({ permission: 0x0e })],
    ['a customer’s agent', '403 PERMISSION_DENIED', 'customer tier', withAgent({ permission: 0x10 })],
    ['a customer’s admin', '403 PERMISSION_DENIED', 'customer tier', withAgent({ permission: 0x20 })],
    ['a customer’s manager', '403 PERMISSION_DENIED', 'customer tier', withAgent({ permission: 0x40 })],
    ['all customer bits', '403 PERMISSION_DENIED', 'customer tier', withAgent({ permission: 0xf0 })],
    [
      'bit 33',
      '403 PERMISSION_DENIED',
      '1 in 32-bit arithmetic is not bit 1',
      withAgent({ permission: 2 ** 32 }),
    ],
    ['bit 33 and bit 2', '403 PERMISSION_DENIED', 'the same', withAgent({ permission: 2 ** 32 + 2 })],
    // Types.
    [
      'a direct token',
      '403 DIRECT_ACCESS_NOT_SUPPORTED',
      'good, but never with project rights',
      withClaims({ type: 'direct' }),
    ],
    [
      'a direct token without an agent',
      '403 DIRECT_ACCESS_NOT_SUPPORTED',
      'the same',
      withClaims({ type: 'direct', agent: undefined }),
    ],
    ['a delegate token', '403 PERMISSION_DENIED', 'the same', withClaims({ type: 'delegate' })],
    [
      'an expired direct token',
      401,
      'not even good',
      withClaims({ type: 'direct', expire: expireIn(-3600) }),
    ],
    // Access keys.
    ['an unknown access key', 401, 'nobody has it', { query: { accesskey: [ACCESS_KEYS.unknown] } }],
    ['an expired access key', 401, 'its time is over', { query: { accesskey: [ACCESS_KEYS.expired] } }],
    ['a revoked access key', 401, 'it was revoked', { query: { accesskey: [ACCESS_KEYS.revoked] } }],
    [
      'a customer’s access key',
      '403 PERMISSION_DENIED',
      'customer tier',
      { query: { accesskey: [ACCESS_KEYS.customers] } },
    ],
    [
      'an access key in capitals',
      401,
      'another key',
      { query: { accesskey: [ACCESS_KEYS.good.toUpperCase()] } },
    ],
    ['an access key with white space', 401, 'the same', { query: { accesskey: [` ${ACCESS_KEYS.good}`] } }],
    ['an access key as Bearer', 401, 'it is not sent that way', bearer(ACCESS_KEYS.good)],
    [
      'an access key of 1 MB',
      401,
      'it is not worth a read of the table',
      { query: { accesskey: [`vb_${'A'.repeat(1_000_000)}`] } },
    ],
    [
      'a pattern for access keys',
      401,
      'keys are looked up, not searched',
      { query: { accesskey: ['vb_*'] } },
    ],
  ];
  return rows.map(([name, rejection, why, sent]) => ({ name, rejection, why, sent }));
}

function expireIn(seconds: number) {
  return new Date(Date.now() + seconds * 1000).toISOString().replace('Z', '000Z');
}

function secondsFromNow(seconds: number) {
  return Math.floor(Date.now() / 1000) + seconds;
}
