/** A change of one source text that breaks a promise of the system. */
export type Mutation = { breaks: string; file: string; from: string; to: string };

const CREATE = 'functions/provider-calls/create-provider-call.ts';
const SETTLE = 'functions/provider-calls/settle-provider-call.ts';
const STORE = 'functions/provider-calls/provider-call-store.ts';
const RECORD = 'functions/provider-calls/provider-call.ts';
const BACKEND = 'functions/backends/backend.ts';
const EVENT = 'functions/events/provider-call-event.ts';
const RECONCILE = 'functions/provider-calls/reconcile-provider-calls.ts';

/** Every way in which the code is broken. */
export const MUTATIONS: Mutation[] = [
  {
    breaks: 'the intent is not stored before the calls are placed',
    file: CREATE,
    from: 'const start = await insertOrReplay(deps, scope, intent);',
    to: "const start: Start = { kind: 'inserted', intent };",
  },
  {
    breaks: 'the intent is stored whatever exists under its id',
    file: STORE,
    from: "ConditionExpression: 'attribute_not_exists(#id)'",
    to: "ConditionExpression: 'attribute_not_exists(#id) OR attribute_exists(#id)'",
  },
  {
    breaks: 'the id is not derived from the idempotency key',
    file: CREATE,
    from: "idempotencyKey === undefined ? randomUUID() : deriveUuid('providercall', customerId, idempotencyKey)",
    to: 'randomUUID()',
  },
  {
    breaks: 'the calls are placed under a key that nobody finds again',
    file: CREATE,
    from: 'callBackend.placeCalls(scope, callOrder(intent))',
    to: 'callBackend.placeCalls(scope, { ...callOrder(intent), idempotencyKey: randomUUID() })',
  },
  {
    breaks: 'all attempts share one flow',
    file: RECORD,
    from: `:flow:\${attempt}`,
    to: ':flow',
  },
  {
    breaks: 'the flow is made under a key that nobody finds again',
    file: CREATE,
    from: 'idempotencyKey: flowIdempotencyKey(intent),',
    to: 'idempotencyKey: randomUUID(),',
  },
  {
    breaks: 'an unknown outcome counts as nothing placed',
    file: CREATE,
    from: "if (error.outcome === 'nothing-done') {\n      await tryRollBack(deps, scope, intent);",
    to: 'if (error.outcome !== undefined) {\n      await tryRollBack(deps, scope, intent);',
  },
  {
    breaks: 'the flow is deleted when the outcome is unknown',
    file: CREATE,
    from: "    scope.count('CallsUnconfirmed', 1);\n    try {\n      await deps.store.markUnconfirmed",
    to: '    if (intent.temporaryFlow?.flowId) await deps.flowBackend.deleteFlow(scope, intent.temporaryFlow.flowId);\n    try {\n      await deps.store.markUnconfirmed',
  },
  {
    breaks: 'the calls are placed once more when the outcome is unknown',
    file: CREATE,
    from: "    scope.count('CallsUnconfirmed', 1);\n    try {\n      await deps.store.markUnconfirmed",
    to: '    await deps.callBackend.placeCalls(scope, { ...intent, flowId: intent.flowId, idempotencyKey: randomUUID() });\n    try {\n      await deps.store.markUnconfirmed',
  },
  {
    breaks: 'a lost connection counts as a refused one',
    file: BACKEND,
    from: "  'connect ENETUNREACH',",
    to: "  'connect ENETUNREACH',\n  'read ECONNRESET',",
  },
  {
    breaks: 'a route that is lost after sending counts as certain',
    file: BACKEND,
    from: "  'connect EHOSTUNREACH',",
    to: "  'connect EHOSTUNREACH',\n  'write EHOSTUNREACH',",
  },
  {
    breaks: 'every error of a connection counts as certain',
    file: BACKEND,
    from: "NEVER_CONNECTED.has(failedCall(one))) ? 'nothing-done' : 'unknown';",
    to: "NEVER_CONNECTED.has(failedCall(one))) ? 'nothing-done' : 'nothing-done';",
  },
  {
    breaks: 'a 5xx counts as certain',
    file: BACKEND,
    from: 'NEVER_ACTED.has(status) ?',
    to: 'NEVER_ACTED.has(status) || status >= 500 ?',
  },
  {
    breaks: 'a redirect counts as certain',
    file: BACKEND,
    from: 'NEVER_ACTED.has(status) ?',
    to: 'NEVER_ACTED.has(status) || status < 400 ?',
  },
  {
    breaks: 'a 408 counts as certain',
    file: BACKEND,
    from: '404, 405, 413',
    to: '404, 405, 408, 413',
  },
  {
    breaks: 'a key that the backend may have forgotten proves that nothing was placed',
    file: SETTLE,
    from: '=== 0 && mayBeForgotten(unsettled, now())',
    to: '< 0 && mayBeForgotten(unsettled, now())',
  },
  {
    breaks: 'an attempt that never dialled waits for the call backend',
    file: SETTLE,
    from: 'if (!hasNeverDialled(unsettled)) {',
    to: 'if (!hasNeverDialled(unsettled) || unsettled.state) {',
  },
  {
    breaks: 'an attempt whose flow exists counts as one that never dialled',
    file: RECORD,
    from: 'temporaryFlow.flowId === null);',
    to: 'temporaryFlow.flowId !== undefined);',
  },
  {
    breaks: 'a failed create leaves no note',
    file: CREATE,
    from: '    await store.markNeverDialled(intent);',
    to: '    void store;',
  },
  {
    breaks: 'a refused flow does not exist although a request for it may be on its way',
    file: SETTLE,
    from: 'flowId === undefined && !hasOutlivedCreate(unsettled, now())',
    to: 'flowId === null',
  },
  {
    breaks: 'a response that does not parse counts as certain',
    file: BACKEND,
    from: "{ outcome: 'unknown' },",
    to: "{ outcome: 'nothing-done' },",
  },
  {
    breaks: 'a success that names no call is believed',
    file: 'functions/backends/call-backend.ts',
    from: 'backend.request(scope, placedSchema, placement(',
    to: 'backend.request(scope, foundSchema, placement(',
  },
  {
    breaks: 'a response is read however long it is',
    file: 'functions/outbound/http-client.ts',
    from: 'if (size <= MAX_RESPONSE_BYTES) chunks.push(chunk);',
    to: 'if (size > 0) chunks.push(chunk);',
  },
  {
    breaks: 'a record that could not be completed is rolled back though its calls were placed',
    file: CREATE,
    from: '    cause = error;',
    to: '    cause = error;\n    await tryRollBack(deps, scope, intent);',
  },
  {
    breaks: 'a retry settles an intent whose create may be at work',
    file: CREATE,
    from: 'if (!earlier.neverDialled && !hasOutlivedCreate(earlier, deps.now())) throw inProgress();',
    to: '',
  },
  {
    breaks: 'another body under the same key gets the first record',
    file: CREATE,
    from: 'if (earlier.idempotency?.fingerprint !== intent.idempotency?.fingerprint) {',
    to: 'if (earlier.idempotency === undefined) {',
  },
  {
    breaks: 'reconcile ignores what was placed',
    file: SETTLE,
    from: 'if (placed.callIds.length + placed.groupcallIds.length > 0) {',
    to: 'if (placed.callIds.length + placed.groupcallIds.length < 0) {',
  },
  {
    breaks: 'a call backend that cannot say counts as nothing placed',
    file: SETTLE,
    from: "      await store.markUnconfirmed({ unsettled, candidates, ...nextTry(unsettled, now(), error) });\n      return { kind: 'unconfirmed' };",
    to: '      placed = { callIds: [], groupcallIds: [] };',
  },
  {
    breaks: 'reconcile forgets the groupcalls',
    file: SETTLE,
    from: 'await store.complete({ unsettled, placed, ',
    to: 'await store.complete({ unsettled, placed: { ...placed, groupcallIds: [] }, ',
  },
  {
    breaks: 'the intent goes before its flow',
    file: SETTLE,
    from: '  if (unsettled.temporaryFlow !== null) {',
    to: '  await deps.store.remove(unsettled);\n  if (unsettled.temporaryFlow !== null) {',
  },
  {
    breaks: 'a flow whose id was never learnt is not looked for',
    file: SETTLE,
    from: 'if (unsettled.temporaryFlow !== null) {',
    to: 'if (unsettled.temporaryFlow?.flowId) {',
  },
  {
    breaks: 'the flow is left where nothing was placed',
    file: SETTLE,
    from: '    if (flowId !== undefined) await deps.flowBackend.deleteFlow(scope, flowId);',
    to: '',
  },
  {
    breaks: 'a settling write does not ask whose intent it is',
    file: STORE,
    from: "text: '#attempt = :ownAttempt AND #state IN (:intent, :unconfirmed)'",
    to: "text: '(#attempt = :ownAttempt OR attribute_exists(#attempt)) AND #state IN (:intent, :unconfirmed)'",
  },
  {
    breaks: 'a settling write does not ask whether it is settled already',
    file: STORE,
    from: "text: '#attempt = :ownAttempt AND #state IN (:intent, :unconfirmed)'",
    to: "text: '#attempt = :ownAttempt AND (#state IN (:intent, :unconfirmed) OR attribute_exists(#state))'",
  },
  {
    breaks: 'a finished record stays in the index of open ones',
    file: STORE,
    from: 'remove: ONLY_UNSETTLED,',
    to: "remove: ['actions'],",
  },
  {
    breaks: 'an intent is not in the index of open ones',
    file: STORE,
    from: 'insert(intent, openKeys(due));',
    to: 'insert(intent, due === undefined ? {} : {});',
  },
  {
    breaks: 'a completed record is in no list',
    file: STORE,
    from: 'const listed = { ...change, set: { ...change.set, ...listKeys(unsettled) } };',
    to: 'const listed = change;',
  },
  {
    breaks: 'a write that the SDK repeats counts as a failure',
    file: STORE,
    from: 'return updated ? fromItem(updated.Attributes) : await get(id);',
    to: 'return updated ? fromItem(updated.Attributes) : undefined;',
  },
  {
    breaks: 'reconcile stops at what cannot be settled',
    file: RECONCILE,
    from: 'limit: PAGE_SIZE, after: last }',
    to: 'limit: PAGE_SIZE }',
  },
  {
    breaks: 'reconcile asks a hanging backend again and again',
    file: RECONCILE,
    from: 'if (timeouts >= MAX_TIMEOUTS) {',
    to: 'if (timeouts < 0) {',
  },
  {
    breaks: 'what reconcile only skipped waits as if it had been tried',
    file: SETTLE,
    from: 'cause instanceof BackendFailure && cause.skipped;',
    to: 'false;',
  },
  {
    breaks: 'a deletion is published before the record is',
    file: EVENT,
    from: "if (after.state !== 'placed') return undefined;",
    to: "if (after.deletedAt !== null && before?.deletedAt === null) return event('providercall_deleted', after, after.deletedBy);\n  if (after.state !== 'placed') return undefined;",
  },
  {
    breaks: 'the pipe passes on the deletion of an unconfirmed record',
    file: 'functions/events/change-patterns.ts',
    from: 'OldImage: { ...PLACED, tm_delete',
    to: 'OldImage: { tm_delete',
  },
  {
    breaks: 'the pipe passes on what is restored',
    file: 'functions/events/change-patterns.ts',
    from: '{ ...PLACED, [RESTORED_AT]: { S: [{ exists: false }] } }',
    to: 'PLACED',
  },
  {
    breaks: 'an intent is returned',
    file: 'functions/provider-calls/get-provider-call.ts',
    from: "|| stored.state === 'intent'",
    to: '',
  },
  {
    breaks: 'a later deletion overwrites the first',
    file: STORE,
    from: "#state <> :intent AND attribute_not_exists(#tm_delete)'",
    to: "#state <> :intent AND (attribute_not_exists(#tm_delete) OR attribute_exists(#tm_delete))'",
  },
  {
    breaks: 'create swallows an unexpected error of the provider check',
    file: CREATE,
    from: 'if (error instanceof BackendFailure) return nothingDialled(error);\n    throw error;',
    to: 'if (error instanceof BackendFailure) return nothingDialled(error);\n    return undefined;',
  },
  {
    breaks: 'reconcile goes on within a page when its time is over',
    file: RECONCILE,
    from: 'while (hasTimeLeft()) {',
    to: 'while (true) {',
  },
  {
    breaks: 'any error of a connection counts as a timeout',
    file: BACKEND,
    from: "cause instanceof DOMException && cause.name === 'TimeoutError'",
    to: 'cause instanceof Error || cause instanceof DOMException',
  },
  {
    breaks: 'any abort counts as a timeout',
    file: BACKEND,
    from: "cause instanceof DOMException && cause.name === 'TimeoutError'",
    to: 'cause instanceof DOMException',
  },
  {
    breaks: 'a timeout does not count as one',
    file: BACKEND,
    from: "cause instanceof DOMException && cause.name === 'TimeoutError'",
    to: 'false',
  },
  {
    breaks: 'an intent that exists already counts as inserted',
    file: STORE,
    from: "stored.state === 'intent' && stored.attempt === intent.attempt\n        ? { kind: 'inserted'",
    to: "stored.state === 'intent'\n        ? { kind: 'inserted'",
  },
];
