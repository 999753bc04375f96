import fc from 'fast-check';
import { beforeEach, expect, test } from 'vitest';
import { EXAMPLE_BODY, lambdaContext, startApi } from '../functions/api-under-test.ts';
import { startAuthorizer } from '../functions/authorizer-under-test.ts';
import { reset } from '../functions/backend-server.ts';
import { captureOutput } from '../functions/log-lines.ts';
import { IDS, sampleIntent } from '../functions/provider-calls/sample-record.ts';
import { goodToken } from './attack-table.ts';

/*
 * Names, addresses and numbers in every field and header that a client or a backend can fill in: no log line of
 * any function repeats one. Each of them contains a mark, and every line is searched for the marks, as is what
 * a function throws, because Lambda writes it to the log.
 */

const KEY = 'signing-key-under-attack-32-byte';
const authorizer = await startAuthorizer(JSON.stringify({ current: KEY }));
const api = await startApi();
const { handler: reconcile } = await import('../../functions/reconcile-provider-calls.ts');
const { handler: enrich } = await import('../../functions/enrich-provider-call-events.ts');

const TEXTS = [
  'Anneliese Zwiebelhuber',
  'zwiebelhuber',
  'sip:zwiebelhuber@quirx.example.com',
  'zwiebelhuber@quirx.example.com',
  '"Zwiebelhuber" <sip:+14155550173@quirx.example.com>;tag=1',
  '+14155550173',
  '+1 (415) 555-0173',
  '14155550173',
  '١٤١٥٥٥٥٠١٧٣',
  'x\n    at zwiebelhuber (+14155550173)',
  '198.51.100.173',
];
const MARKS = /zwiebelhuber|quirx|415.{0,3}555.{0,2}0173|١٤١٥|198\.51\.100\.173/i;

const text = fc.oneof(
  fc.constantFrom(...TEXTS),
  fc.tuple(fc.constantFrom(...TEXTS), fc.string({ maxLength: 8 })).map(([marked, more]) => marked + more),
);
const headerText = text.map((value) => value.replace(/[^ -~]/g, ''));
const json = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    text,
    fc.integer(),
    fc.array(tie('value'), { maxLength: 2 }),
    fc.dictionary(fc.oneof(text, fc.constantFrom('id', 'error', 'reason', 'message')), tie('value'), {
      maxKeys: 3,
    }),
  ),
})).value;
/** Usually a valid value, so that the text also reaches the code after validation. */
function orText<Value>(value: Value) {
  return fc.oneof({ weight: 4, arbitrary: fc.constant(value) }, { weight: 1, arbitrary: json });
}

const address = fc.record({
  type: fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom('tel', 'sip', 'extension') },
    { weight: 1, arbitrary: text },
  ),
  target: text,
  target_name: text,
});
const action = fc.record({ type: text, option: fc.dictionary(text, json, { maxKeys: 2 }) });
const body = fc.oneof(
  fc
    .tuple(
      fc.record({
        provider_id: orText(IDS.provider),
        flow_id: orText(IDS.flow),
        source: fc.oneof(address, json),
        destinations: fc.oneof(fc.array(address, { minLength: 1, maxLength: 2 }), json),
        actions: fc.oneof(fc.array(action, { maxLength: 2 }), json),
        anonymous: orText('no'),
      }),
      fc.oneof(
        { weight: 3, arbitrary: fc.constant({}) },
        { weight: 1, arbitrary: fc.dictionary(text, json, { maxKeys: 2 }) },
      ),
    )
    .map(([known, unknown]) => JSON.stringify({ ...known, ...unknown })),
  fc.constant(JSON.stringify({ ...EXAMPLE_BODY, source: { type: 'tel', target: '+14155550173' } })),
  text,
  json.map((value) => JSON.stringify(value)),
  text.map((name) => `{${JSON.stringify(name)}:1,${JSON.stringify(name)}:2}`),
);
const headers = fc
  .record(
    {
      'Content-Type': fc.oneof(
        { weight: 5, arbitrary: fc.constant('application/json') },
        { weight: 1, arbitrary: text },
      ),
      'Idempotency-Key': text,
      'X-Request-Id': text.filter((value) => !/^[\w-]*[A-Za-z][\w-]*$/.test(value)),
      Origin: text,
      'User-Agent': text,
      Authorization: text,
    },
    { requiredKeys: ['Content-Type'] },
  )
  .chain((known) => fc.dictionary(text, text, { maxKeys: 2 }).map((more) => ({ ...known, ...more })))
  .map((named) => Object.fromEntries(Object.entries(named).map(([name, value]) => [name, [value]])));
const query = fc.dictionary(
  fc.oneof(text, fc.constantFrom('page_size', 'page_token', 'provider_id', 'token')),
  fc.array(text, { minLength: 1, maxLength: 2 }),
  { maxKeys: 3 },
);

/**
 * How a backend responds: with an error, a success that may not parse, something other than HTTP, or nothing.
 */
const backendResponse = fc.record({
  status: fc.constantFrom(200, 200, 201, 302, 400, 401, 402, 404, 408, 409, 422, 429, 500, 503),
  headers: fc.dictionary(
    fc.constantFrom('Retry-After', 'Location', 'Server', 'X-Request-Id', 'WWW-Authenticate'),
    headerText.map((value) => value.trim() || 'x'),
  ),
  body: fc.oneof(
    fc.record({ error: fc.record({ status: text, reason: text, message: text, request_id: text }) }),
    fc.record({ id: orText(IDS.flow), tm_delete: fc.oneof(fc.constant(null), text) }),
    fc.record({ calls: fc.array(fc.record({ id: orText(IDS.call) })), groupcalls: json }),
    json,
  ),
  broken: fc.oneof(
    { weight: 8, arbitrary: fc.constant('no' as const) },
    { weight: 1, arbitrary: fc.constantFrom('reset', 'not HTTP') },
  ),
});
type BackendResponse = typeof backendResponse extends fc.Arbitrary<infer Value> ? Value : never;

let output: string[];
beforeEach(() => {
  output = captureOutput();
});

/** Returns the lines that contain a mark. A response is not a line: it may repeat what the client sent. */
function leaks() {
  return output.filter((line) => MARKS.test(line) || MARKS.test(unescaped(line)));
}
function unescaped(line: string) {
  return JSON.stringify(JSON.parse(line)).replace(/\\[nrt"\\]/g, ' ');
}

/** Runs an invocation and adds what it throws to the lines, as Lambda does. */
async function invoke(work: () => Promise<unknown>) {
  try {
    await work();
  } catch (error) {
    for (let current = error; current instanceof Error; current = current.cause) {
      output.push(JSON.stringify(`${current.name} ${current.message} ${current.stack}`));
    }
  }
}

function respondWith([first, ...more]: BackendResponse[]) {
  let at = 0;
  const responses = first === undefined ? [] : [first, ...more];
  api.backend.respond = (response) => {
    const next = responses[at++ % responses.length];
    if (next === undefined || next.broken === 'reset') return reset(response);
    if (next.broken === 'not HTTP') {
      response.socket?.end('+14155550173 zwiebelhuber\r\n\r\n');
      return;
    }
    response.writeHead(next.status, { 'Content-Type': 'application/json', ...next.headers });
    response.end(JSON.stringify(next.body));
  };
}

test('marks are found in a line that contains them', () => {
  for (const marked of TEXTS) expect(MARKS.test(unescaped(JSON.stringify(marked)))).toBe(true);
});

test('no line of the API’s functions repeats what a client or a backend sent', async () => {
  await fc.assert(
    fc.asyncProperty(
      body,
      headers,
      query,
      text,
      fc.array(backendResponse, { minLength: 1, maxLength: 3 }),
      async (sentBody, sentHeaders, sentQuery, id, responses) => {
        output.length = 0;
        respondWith(responses);
        await invoke(() => api.create(undefined, { text: sentBody, headers: sentHeaders }));
        await invoke(() => api.create(undefined, { text: sentBody, headers: sentHeaders, query: sentQuery }));
        await invoke(() => api.create(EXAMPLE_BODY));
        await invoke(() => api.create({ ...EXAMPLE_BODY, actions: [{ type: 'talk' }] }));
        await invoke(() => api.list(sentQuery, { headers: sentHeaders }));
        await invoke(() => api.get(id, { headers: sentHeaders, query: sentQuery }));
        await invoke(() => api.delete(id, { headers: sentHeaders }));
        expect(output.length).toBeGreaterThanOrEqual(7);
        expect(leaks()).toEqual([]);
      },
    ),
    { seed: 8687, numRuns: 150 },
  );
});

test('no line of reconcile repeats what a backend sent', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(backendResponse, { minLength: 1, maxLength: 4 }), async (responses) => {
      output.length = 0;
      const intent = sampleIntent({
        id: crypto.randomUUID(),
        temporaryFlow: { actions: [{ type: 'talk', option: { text: 'Zwiebelhuber' } }], flowId: null },
      });
      await api.store.insertIntent({ intent, due: '2026-04-21 23:16:00.000000' });
      respondWith(responses);
      await invoke(() => reconcile({}, lambdaContext(46_000)));
      expect(output.length).toBeGreaterThanOrEqual(1);
      expect(leaks()).toEqual([]);
      await api.store.remove(intent);
    }),
    { seed: 5249, numRuns: 30 },
  );
});

test('no line of enrich repeats what an item has', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.dictionary(
        fc.oneof(text, fc.constantFrom('id', 'state', 'actions')),
        fc.oneof(
          json,
          text.map((S) => ({ S })),
        ),
        { maxKeys: 4 },
      ),
      async (image) => {
        output.length = 0;
        await invoke(() => enrich([{ dynamodb: { NewImage: image } }], lambdaContext(1_000)));
        expect(output.length).toBeGreaterThanOrEqual(1);
        expect(leaks()).toEqual([]);
      },
    ),
    { seed: 4839, numRuns: 100 },
  );
});

test('no line of authorize repeats what a client sent', async () => {
  const claims = fc.record(
    {
      type: orText('agent'),
      expire: text,
      exp: fc.oneof(fc.constant(4_102_444_800), text),
      nbf: text,
      agent: fc.record({
        id: orText(IDS.agent),
        customer_id: orText(IDS.customer),
        username: text,
        permission: orText(1),
      }),
    },
    { requiredKeys: ['agent'] },
  );
  const token = fc.oneof(
    text,
    claims.map((changes) => goodToken(KEY, { expire: undefined, ...changes })),
    text.map((kid) => goodToken(KEY, { [kid]: kid })),
  );
  await fc.assert(
    fc.asyncProperty(token, headers, query, async (sent, sentHeaders, sentQuery) => {
      output.length = 0;
      const { Authorization: _, ...others } = sentHeaders;
      await invoke(() => authorizer.handle({ headers: { ...others, Authorization: [`Bearer ${sent}`] } }));
      await invoke(() => authorizer.handle({ headers: sentHeaders, query: sentQuery }));
      await invoke(() => authorizer.handle({ query: { accesskey: [sent] } }));
      expect(output.length).toBeGreaterThanOrEqual(3);
      expect(leaks()).toEqual([]);
    }),
    { seed: 4141, numRuns: 150 },
  );
});
