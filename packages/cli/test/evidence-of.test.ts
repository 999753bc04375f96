import { RequestTimeoutError } from '@provider-call/client';
import { expect, test } from 'vitest';
import { readCall } from '../../client/src/platform-resources.ts';
import { destinationOf, evidenceOf, ladderOf, printOutcome, summaryOf } from '../src/evidence-of.ts';
import { ANSWERED, apiError, BUSY_CALL, busyMessages, IDS, sessionUnderTest } from './session-under-test.ts';

function callOf(value: unknown) {
  const call = readCall(value);
  if (call === undefined) throw new Error('no call');
  return call;
}

test('a failed call is reported with status, verdict and ladder', async () => {
  const session = sessionUnderTest({ [`GET /timelines/calls/${IDS.call}/sip-analysis`]: busyMessages });
  const evidence = await evidenceOf(session, callOf(BUSY_CALL));
  printOutcome(session.terminal, evidence);
  const [summary, verdict, ...ladder] = session.printed;
  expect(summary).toBe(`+821012345678  busy, 486 Busy Here  (call ${IDS.call})`);
  expect(verdict).toBe(`  ${evidence.analysis.verdict}`);
  expect(ladder.join('\n')).toMatch(/INVITE[\s\S]*486 Busy Here/);
});

test('an answered call is reported without a ladder', async () => {
  const session = sessionUnderTest({});
  const evidence = await evidenceOf(session, callOf(ANSWERED));
  printOutcome(session.terminal, evidence);
  expect(session.printed).toEqual([
    `+821012345678  answered, post-dial delay 0.5 s, rang 1.5 s, talked 10.0 s  (call ${IDS.call})`,
    `  ${evidence.analysis.verdict}`,
  ]);
});

test('a call without messages says so', async () => {
  const session = sessionUnderTest({});
  const evidence = await evidenceOf(session, callOf(BUSY_CALL));
  expect(ladderOf(evidence, session.terminal)).toBe('no messages of this call were captured');
  expect(summaryOf(evidence, session.terminal)).toBe('busy');
});

test.each([
  ['the platform is slow', apiError(503, 'SERVICE_UNAVAILABLE'), 'SERVICE_UNAVAILABLE: Do this.'],
  ['the platform fails', apiError(500, 'INTERNAL'), 'INTERNAL: Do this.'],
  ['the rate limit is reached', apiError(429, 'RATE_LIMIT_EXCEEDED'), 'RATE_LIMIT_EXCEEDED: Do this.'],
  ['the connection is lost', new TypeError('lost'), 'no response from 127.0.0.1:3000'],
  ['there is no response in time', new RequestTimeoutError(60_000), 'no response within 60000 ms'],
  [
    'a proxy does not reach the platform',
    new Response('Bad Gateway', { status: 502 }),
    "HTTP 502 with a body that is not the API's",
  ],
])('a call is reported without its messages when %s', async (_, reply, reason) => {
  const session = sessionUnderTest({ [`GET /timelines/calls/${IDS.call}/sip-analysis`]: reply });
  if (reply instanceof RequestTimeoutError) session.platform.getSipAnalysis = () => Promise.reject(reply);
  const evidence = await evidenceOf(session, callOf(BUSY_CALL));
  expect(session.notes).toEqual([
    `the messages of call ${IDS.call} cannot be read (${reason}): providercall trace ${IDS.call} shows them later`,
  ]);
  expect(summaryOf(evidence, session.terminal)).toBe('busy');
  expect(ladderOf(evidence, session.terminal)).toBe('the messages of this call could not be read');
});

test('an error that is not temporary is not hidden', async () => {
  const session = sessionUnderTest({
    [`GET /timelines/calls/${IDS.call}/sip-analysis`]: apiError(403, 'PERMISSION_DENIED'),
  });
  await expect(evidenceOf(session, callOf(BUSY_CALL))).rejects.toMatchObject({ httpStatus: 403 });
});

test('a destination that would move the cursor is shown as plain text', () => {
  expect(destinationOf(callOf({ ...ANSWERED, destination: { type: 'tel', target: '+82\u001b[2J' } }))).toBe(
    '+82\\u001b[2J',
  );
  expect(destinationOf(callOf({ id: IDS.call }))).toBe(IDS.call);
});
