import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from 'vitest';
import { awsVariables, startDynamodb, type TestDynamodb } from '../dynamodb.ts';

/*
 * The example at the top of each package's README runs as it is written. That of packages/client runs in the packed
 * package (its pack.test.ts), and that of packages/cli in its docs.suite.ts.
 */

const PACKAGES = resolve(import.meta.dirname, '../../packages');

const EVIDENCE_README = readFileSync(join(PACKAGES, 'evidence/README.md'), 'utf8');
const [, EVIDENCE_OUTPUT = 'no output is shown'] = /^```text\n([\s\S]*?)^```/m.exec(EVIDENCE_README) ?? [];

const CONSOLE_OUTPUT = [
  /^index\.html assets\/main-\w{12}\.js assets\/style-\w{12}\.css$/,
  /^true$/,
  /^default-src 'none'; script-src 'self'; /,
];
const LOCAL_OUTPUT = [/^200 { result: \[\], next_page_token: '' }$/];
const PLATFORM_OUTPUT = [/^dialing$/];
const SIP_OUTPUT = [
  /^sip:00\+821012345678@127\.0\.0\.1:\d+;transport=udp <sip:\+14155551234@127\.0\.0\.1>$/,
  /^ringing$/,
  /^{ by: 'local', reason: 'normal' }$/,
];

let dynamodb: TestDynamodb;
beforeAll(async () => {
  dynamodb = await startDynamodb();
});

test.each([
  ['console', CONSOLE_OUTPUT],
  ['evidence', EVIDENCE_OUTPUT.trimEnd().split('\n')],
  ['local', LOCAL_OUTPUT],
  ['platform', PLATFORM_OUTPUT],
  ['sip', SIP_OUTPUT],
])('the example of packages/%s prints what its README says, and ends', async (name, expected) => {
  const { stdout, stderr } = await runExample(join(PACKAGES, name));
  expect(stderr).toBe('');
  const lines = stdout.trimEnd().split('\n');
  for (const [index, line] of expected.entries()) {
    if (typeof line === 'string') expect(lines[index]).toBe(line);
    else expect(lines[index]).toMatch(line);
  }
});

async function runExample(folder: string): Promise<{ stdout: string; stderr: string }> {
  const [, example] = /^```ts\n([\s\S]*?)^```/m.exec(readFileSync(join(folder, 'README.md'), 'utf8')) ?? [];
  if (example === undefined) throw new Error(`the README in ${folder} has no example`);
  return await promisify(execFile)(
    process.execPath,
    ['--input-type=module-typescript', '--disable-warning=ExperimentalWarning', '--eval', example],
    { cwd: folder, env: { ...process.env, ...awsVariables(dynamodb) }, timeout: 60_000 },
  );
}
