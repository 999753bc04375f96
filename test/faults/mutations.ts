import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

/*
 * Breaks the code in every way below, one at a time in a copy of the project, and runs the fault tests on it, but for
 * the kills and the long schedules: each must turn them red. `node test/faults/mutations.ts`, some minutes; a word as argument takes those that
 * hold it.
 */

type Mutation = { breaks: string; file: string; from: string; to: string };

const create = 'functions/provider-calls/create-provider-call.ts';
const settle = 'functions/provider-calls/settle-provider-call.ts';
const store = 'functions/provider-calls/provider-call-store.ts';
const stored = 'functions/provider-calls/provider-call.ts';
const failure = 'functions/provider-calls/ports.ts';

const mutations: Mutation[] = [
  {
    breaks: 'the intent is not stored before the calls are placed',
    file: create,
    from: 'const standing = await begin(collaborators, scope, intent);',
    to: 'const standing = intent;',
  },
  {
    breaks: 'the intent is stored whatever stands under its id',
    file: store,
    from: "ConditionExpression: 'attribute_not_exists(#id)'",
    to: "ConditionExpression: 'attribute_not_exists(#id) OR attribute_exists(#id)'",
  },
  {
    breaks: 'the id is not made of the idempotency key',
    file: create,
    from: "idempotencyKey === undefined ? randomUUID() : deriveUuid('providercall', customerId, idempotencyKey)",
    to: 'randomUUID()',
  },
  {
    breaks: 'the calls are placed under a key that nobody finds again',
    file: create,
    from: 'idempotencyKey: callIdempotencyKey(intent),',
    to: 'idempotencyKey: randomUUID(),',
  },
  {
    breaks: 'each attempt places its calls under a key of its own',
    file: stored,
    from: "callIdempotencyKey = ({ id }: Pick<StoredProviderCall, 'id'>): string =>\n ",
    to: "callIdempotencyKey = ({ id, attempt }: Pick<StoredProviderCall, 'id' | 'attempt'>): string =>\n  attempt +",
  },
  {
    breaks: 'all attempts share one flow',
    file: stored,
    from: `:flow:\${attempt}`,
    to: ':flow',
  },
  {
    breaks: 'the flow is made under a key that nobody finds again',
    file: create,
    from: 'idempotencyKey: flowIdempotencyKey(intent),',
    to: 'idempotencyKey: randomUUID(),',
  },
  {
    breaks: 'an unknown outcome is taken for nothing placed',
    file: create,
    from: "if (error.outcome === 'nothing-done') {\n      await takeBack(collaborators, scope, intent);",
    to: 'if (error.outcome !== undefined) {\n      await takeBack(collaborators, scope, intent);',
  },
  {
    breaks: 'the flow is deleted when the outcome is unknown',
    file: create,
    from: "    scope.count('CallsUnconfirmed', 1);\n    try {\n      await collaborators.store.markUnconfirmed",
    to: '    if (intent.temporaryFlow?.flowId) await collaborators.flowBackend.deleteFlow(scope, intent.temporaryFlow.flowId);\n    try {\n      await collaborators.store.markUnconfirmed',
  },
  {
    breaks: 'the calls are placed once more when the outcome is unknown',
    file: create,
    from: "    scope.count('CallsUnconfirmed', 1);\n    try {\n      await collaborators.store.markUnconfirmed",
    to: '    await collaborators.callBackend.placeCalls(scope, { ...intent, flowId: intent.flowId, idempotencyKey: randomUUID() });\n    try {\n      await collaborators.store.markUnconfirmed',
  },
  {
    breaks: 'a lost connection is taken for a refused one',
    file: failure,
    from: "  'ENETUNREACH',",
    to: "  'ENETUNREACH',\n  'ECONNRESET',",
  },
  {
    breaks: 'every error of a connection counts as certain',
    file: failure,
    from: "    ? 'nothing-done'\n    : 'unknown';\n\n/**",
    to: "    ? 'nothing-done'\n    : 'nothing-done';\n\n/**",
  },
  {
    breaks: 'a 5xx counts as certain',
    file: failure,
    from: 'status >= 400 && status < 500',
    to: 'status >= 400 && status < 600',
  },
  {
    breaks: 'a redirect counts as certain',
    file: failure,
    from: 'status >= 400 && status < 500',
    to: 'status >= 300 && status < 500',
  },
  {
    breaks: 'an answer that does not parse counts as certain',
    file: 'functions/backends/backend.ts',
    from: "outcome: 'unknown',",
    to: "outcome: 'nothing-done',",
  },
  {
    breaks: 'a success that names no call is believed',
    file: 'functions/backends/call-backend.ts',
    from: 'backend.request(scope, placedSchema, {',
    to: 'backend.request(scope, foundSchema, {',
  },
  {
    breaks: 'an answer is read however long it is',
    file: 'functions/outbound/http-client.ts',
    from: 'if (size > ANSWER_BYTES) throw new AnswerTooLargeError();',
    to: 'if (size > ANSWER_BYTES) chunks.length = 0;',
  },
  {
    breaks: 'what could not be made a record is taken back though its calls stand',
    file: create,
    from: "  } catch (cause) {\n    scope.count('CallsUnconfirmed', 1);",
    to: '  } catch (cause) {\n    await takeBack(collaborators, scope, prepared);',
  },
  {
    breaks: 'a retry settles an intent whose create may be at work',
    file: create,
    from: 'if (!hasOutlivedCreate(earlier, collaborators.now())) throw inProgress();',
    to: '',
  },
  {
    breaks: 'another body under the same key is answered with the first record',
    file: create,
    from: 'if (earlier.idempotency?.fingerprint !== intent.idempotency?.fingerprint) {',
    to: 'if (earlier.idempotency === undefined) {',
  },
  {
    breaks: 'reconcile does not ask what was placed',
    file: settle,
    from: 'if (placed.callIds.length + placed.groupcallIds.length > 0) {',
    to: 'if (placed.callIds.length + placed.groupcallIds.length < 0) {',
  },
  {
    breaks: 'a call backend that cannot say counts as nothing placed',
    file: settle,
    from: "    await store.markUnconfirmed(stored, again());\n    return { kind: 'open' };",
    to: '    placed = { callIds: [], groupcallIds: [] };',
  },
  {
    breaks: 'reconcile forgets the groupcalls',
    file: settle,
    from: 'if (placed.callIds.length + placed.groupcallIds.length > 0) {\n    const record = await store.complete(stored, placed,',
    to: 'if (placed.callIds.length + placed.groupcallIds.length > 0) {\n    const record = await store.complete(stored, { ...placed, groupcallIds: [] },',
  },
  {
    breaks: 'the intent goes before its flow',
    file: settle,
    from: '  if (stored.temporaryFlow !== null) {\n    const { actions',
    to: '  await store.remove(stored);\n  if (stored.temporaryFlow !== null) {\n    const { actions',
  },
  {
    breaks: 'a flow whose id was never learnt is not looked for',
    file: settle,
    from: 'if (stored.temporaryFlow !== null) {',
    to: 'if (stored.temporaryFlow?.flowId) {',
  },
  {
    breaks: 'the flow is left where nothing was placed',
    file: settle,
    from: '    await flowBackend.deleteFlow(scope, found);',
    to: '',
  },
  {
    breaks: 'a settling write does not ask whose intent it is',
    file: store,
    from: "text: '#attempt = :ownAttempt AND #state IN (:intent, :unconfirmed)'",
    to: "text: '(#attempt = :ownAttempt OR attribute_exists(#attempt)) AND #state IN (:intent, :unconfirmed)'",
  },
  {
    breaks: 'a settling write does not ask whether it is settled already',
    file: store,
    from: "text: '#attempt = :ownAttempt AND #state IN (:intent, :unconfirmed)'",
    to: "text: '#attempt = :ownAttempt AND (#state IN (:intent, :unconfirmed) OR attribute_exists(#state))'",
  },
  {
    breaks: 'a finished record stays in the index of open ones',
    file: store,
    from: "remove: [indexes.open.partitionKey, indexes.open.sortKey, 'actions'],",
    to: "remove: ['actions'],",
  },
  {
    breaks: 'an intent is not in the index of open ones',
    file: store,
    from: 'insert(intent, openKeys(due)),',
    to: 'insert(intent, due === undefined ? {} : {}),',
  },
  {
    breaks: 'a completed record is in no list',
    file: store,
    from: 'const listed = { ...change, set: { ...change.set, ...listKeys(stored) } };',
    to: 'const listed = change;',
  },
  {
    breaks: 'a write that the SDK repeats is taken for a failure',
    file: store,
    from: 'return updated === undefined ? await get(id) : fromItem(updated.Attributes);',
    to: 'return updated === undefined ? undefined : fromItem(updated.Attributes);',
  },
  {
    breaks: 'reconcile stops at what cannot be settled',
    file: 'functions/provider-calls/reconcile-provider-calls.ts',
    from: 'store.listDue(until, BATCH, last)',
    to: 'store.listDue(until, BATCH)',
  },
  {
    breaks: 'an intent is shown',
    file: 'functions/provider-calls/get-provider-call.ts',
    from: "|| stored.state === 'intent'",
    to: '',
  },
  {
    breaks: 'a later deletion overwrites the first',
    file: store,
    from: "#state <> :intent AND attribute_not_exists(#tm_delete)'",
    to: "#state <> :intent AND (attribute_not_exists(#tm_delete) OR attribute_exists(#tm_delete))'",
  },
];

const root = join(import.meta.dirname, '../..');
const copy = mkdtempSync(join(tmpdir(), 'provider-call-mutations-'));
for (const part of [
  'functions',
  'sandbox',
  'local',
  'test/faults',
  'test/sandbox',
  'package.json',
  'tsconfig.json',
  'vitest.faults.config.ts',
]) {
  cpSync(join(root, part), join(copy, part), { recursive: true });
}
symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));

/** Runs the fault tests in the copy. Gives the first that fails, undefined when none does. */
const firstFailure = (): string | undefined => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [
      join(root, 'node_modules/vitest/vitest.mjs'),
      'run',
      '--config=vitest.faults.config.ts',
      '--exclude=**/{killed,pairs-of-faults,random-schedules}.faults.ts',
      '--bail=1',
      '--reporter=dot',
    ],
    { cwd: copy, encoding: 'utf8', env: { ...process.env, NO_COLOR: '1' } },
  );
  if (status === 0) return undefined;
  const failed = /^ *FAIL +(.*)$/m.exec(stripVTControlCharacters(stdout + stderr))?.[1];
  // Tests that do not even start have found nothing.
  if (failed === undefined) throw new Error(`the tests did not run: ${stdout}${stderr}`);
  return failed.replace('test/faults/', '');
};

const unbroken = firstFailure();
if (unbroken !== undefined) throw new Error(`red without any mutation: ${unbroken}`);

let survivors = 0;
for (const { breaks, file, from, to } of mutations.filter((one) =>
  one.breaks.includes(process.argv[2] ?? ''),
)) {
  const path = join(copy, file);
  const original = readFileSync(path, 'utf8');
  if (original.split(from).length !== 2) throw new Error(`${file} does not hold, once: ${from}`);
  writeFileSync(
    path,
    original.replace(from, () => to),
  );
  const failed = firstFailure();
  writeFileSync(path, original);
  console.log(failed === undefined ? `SURVIVES  ${breaks}` : `red  ${breaks}: ${failed}`);
  if (failed === undefined) survivors += 1;
}
rmSync(copy, { recursive: true, force: true });
process.exitCode = survivors === 0 ? 0 : 1;
