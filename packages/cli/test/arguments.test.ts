import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { addressIn, parseJson, readActions, readText } from '../src/arguments.ts';

const terminal = { readInput: async () => '[{"type":"hangup"}]' };

test.each([
  ['+821012345678', { type: 'tel', target: '+821012345678' }],
  ['+82 10 1234', { type: 'tel', target: '+82 10 1234' }],
  ['tel:+82', { type: 'tel', target: '+82' }],
  ['sip:alice@example.com', { type: 'sip', target: 'alice@example.com' }],
  ['alice@example.com', { type: 'sip', target: 'alice@example.com' }],
  ['agent:1f2e3d4c', { type: 'agent', target: '1f2e3d4c' }],
  ['extension:1001', { type: 'extension', target: '1001' }],
])('%s is the address %j', (text, address) => {
  expect(addressIn(text)).toEqual(address);
});

test.each(['', ' ', 'sip:', 'tel: '])('"%s" is not an address', (text) => {
  expect(() => addressIn(text)).toThrow(expect.objectContaining({ exitCode: 2 }));
});

test('actions come from the argument, a file or stdin', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'cli-'));
  const file = join(folder, 'actions.json');
  await writeFile(file, '[{"type":"answer"}]');
  expect(await readActions(terminal, '[{"type":"talk"}]')).toEqual([{ type: 'talk' }]);
  expect(await readActions(terminal, file)).toEqual([{ type: 'answer' }]);
  expect(await readActions(terminal, '-')).toEqual([{ type: 'hangup' }]);
  await rm(folder, { recursive: true });
});

test.each([
  ['/nowhere/actions.json', '/nowhere/actions.json cannot be read (ENOENT)'],
  ['[{]', /^--actions is not JSON: /],
  ['[1]', '--actions must be a JSON list such as [{"type": "answer"}, {"type": "hangup"}]'],
  ['[{"option":{}}]', '--actions must be a JSON list such as [{"type": "answer"}, {"type": "hangup"}]'],
])('the actions %s are a usage error', async (argument, message) => {
  await expect(readActions(terminal, argument)).rejects.toMatchObject({
    exitCode: 2,
    message: typeof message === 'string' ? message : expect.stringMatching(message),
  });
});

test('a byte order mark at the beginning of a file or of stdin is not part of the text', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'cli-'));
  const file = join(folder, 'plan.json');
  await writeFile(file, '\ufeff{"a":"\ufeff"}');
  expect(await readText(terminal, file)).toBe('{"a":"\ufeff"}');
  expect(await readText({ readInput: async () => '\ufeff[]' }, '-')).toBe('[]');
  await rm(folder, { recursive: true });
});

test('a mistake in JSON is reported in one line', () => {
  expect(() => parseJson('{\n"a": \n}', 'plan.json')).toThrow(/^plan\.json is not JSON: [^\n]+$/);
  expect(() => parseJson('{"a": \u001b[2J}', 'plan.json')).toThrow(/^plan\.json is not JSON: .*\\u001b\[2J/);
});
