import { expect, test } from 'vitest';
import { startAuthorizer } from '../functions/authorizer-under-test.ts';
import { captureOutput } from '../functions/log-lines.ts';
import { ACCESS_KEY_ITEMS, ACCESS_KEYS, attacksOn, goodToken, type Rejection } from './attack-table.ts';
import { leaksIn } from './leaks.ts';

const KEY = 'signing-key-under-attack-32-byte';
const authorizer = await startAuthorizer(JSON.stringify({ current: KEY }));
for (const [accessKey, item] of ACCESS_KEY_ITEMS) await authorizer.storeAccessKey(accessKey, item);

async function outcomeOf(sent: Parameters<typeof authorizer.handle>[0]): Promise<200 | Rejection | string> {
  try {
    const { policyDocument, context } = await authorizer.handle(sent);
    const [statement] = policyDocument.Statement;
    return statement?.Effect === 'Allow' ? 200 : `403 ${context?.['reason']}`;
  } catch (error) {
    return error instanceof Error && error.message === 'Unauthorized' ? 401 : `500 ${error}`;
  }
}

test('the requests that the attacks are derived from are admitted', async () => {
  captureOutput();
  expect(await outcomeOf({ headers: { Authorization: [`Bearer ${goodToken(KEY)}`] } })).toBe(200);
  expect(await outcomeOf({ query: { token: [goodToken(KEY)] } })).toBe(200);
  expect(await outcomeOf({ query: { accesskey: [ACCESS_KEYS.good] } })).toBe(200);
});

test.each(attacksOn(KEY))(
  'a request with $name is rejected with $rejection, for $why',
  async ({ rejection, sent }) => {
    const output = captureOutput();
    expect(await outcomeOf(sent)).toBe(rejection);
    expect(leaksIn(output, sent)).toEqual([]);
  },
);
