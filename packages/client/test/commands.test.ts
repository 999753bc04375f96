import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import {
  type CreateProviderCall,
  curlCommand,
  powerShellCommand,
  providercallCommand,
  sayActions,
} from '../src/index.ts';

const BASE_URL = 'http://127.0.0.1:3000/v1.0';
const REQUEST: CreateProviderCall = {
  provider_id: '4dbeabd6-f397-4375-95d2-a38411e07ed1',
  source: { type: 'tel', target: '+14155551234', target_name: "O'Neil $HOME `id`" },
  destinations: [{ type: 'tel', target: '+821012345678' }],
};

/** What a POSIX shell makes of a command that starts with `name`. */
function wordsOf(command: string, name: string): string[] {
  const script = `${name}() { printf '%s\\0' "$@"; }\n${command}`;
  return execFileSync('sh', ['-c', script], { env: { TOKEN: 'the token' }, encoding: 'utf8' })
    .split('\0')
    .slice(0, -1);
}

test('the curl command survives a shell with quotes and dollar signs in it', () => {
  expect(
    wordsOf(curlCommand({ baseUrl: BASE_URL, request: REQUEST, idempotencyKey: 'key$1' }), 'curl'),
  ).toEqual([
    ...['-sS', '-X', 'POST', `${BASE_URL}/providercalls`],
    ...['-H', 'Authorization: Bearer the token'],
    ...['-H', 'Content-Type: application/json'],
    ...['-H', 'Idempotency-Key: key$1'],
    ...['-d', JSON.stringify(REQUEST)],
  ]);
});

test('the PowerShell command doubles every kind of apostrophe', () => {
  expect(
    powerShellCommand({
      baseUrl: BASE_URL,
      request: { ...REQUEST, source: { type: 'tel', target: '+1', target_name: "'’" } },
      idempotencyKey: 'k',
    }),
  ).toBe(
    [
      `Invoke-RestMethod -Method Post -Uri '${BASE_URL}/providercalls' \``,
      `  -Headers @{ Authorization = "Bearer $env:TOKEN"; 'Idempotency-Key' = 'k' } \``,
      "  -ContentType 'application/json; charset=utf-8' `",
      `  -Body ([Text.Encoding]::UTF8.GetBytes('{"provider_id":"${REQUEST.provider_id}","source":{"type":"tel","target":"+1","target_name":"''’’"},"destinations":[{"type":"tel","target":"+821012345678"}]}'))`,
    ].join('\n'),
  );
});

test.each<[string, Partial<CreateProviderCall>, string]>([
  ['a source', {}, '--from +14155551234 --idempotency-key k +821012345678'],
  ['no source', { source: null }, '--idempotency-key k +821012345678'],
  [
    'a sentence to say',
    { actions: sayActions("It's me") },
    "--from +14155551234 --say 'It'\\''s me' --idempotency-key k +821012345678",
  ],
  [
    'other actions',
    { actions: [{ type: 'answer' }] },
    `--from +14155551234 --actions '[{"type":"answer"}]' --idempotency-key k +821012345678`,
  ],
  [
    'a flow',
    { flow_id: 'f0000000-0000-4000-8000-000000000001' },
    '--from +14155551234 --flow f0000000-0000-4000-8000-000000000001 --idempotency-key k +821012345678',
  ],
  [
    'a hidden caller and a SIP destination',
    { anonymous: 'yes', destinations: [{ type: 'sip', target: 'alice@example.com' }] },
    '--from +14155551234 --anonymous yes --idempotency-key k sip:alice@example.com',
  ],
])('the providercall command states %s', (_, changes, rest) => {
  expect(providercallCommand({ request: { ...REQUEST, ...changes }, idempotencyKey: 'k' })).toBe(
    `providercall call --provider ${REQUEST.provider_id} ${rest}`,
  );
});

test('the providercall command uses the provider’s name when one is passed', () => {
  expect(
    wordsOf(
      providercallCommand({ request: REQUEST, idempotencyKey: 'k', provider: "Bob's" }),
      'providercall',
    ),
  ).toEqual([
    ...['call', '--provider', "Bob's", '--from', '+14155551234', '--idempotency-key', 'k', '+821012345678'],
  ]);
});
