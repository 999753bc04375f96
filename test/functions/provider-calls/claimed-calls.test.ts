import { describe, expect, test } from 'vitest';
import { type CallClaim, createCallClaimStore } from '../../../functions/provider-calls/call-claim-store.ts';
import { createClaimedCalls } from '../../../functions/provider-calls/claimed-calls.ts';
import {
  BackendFailure,
  type ListedCall,
  type ListedGroupcall,
  TIME_LIMITS,
} from '../../../functions/provider-calls/ports.ts';
import { callOrder, type Intent } from '../../../functions/provider-calls/provider-call.ts';
import { createProviderCallStore } from '../../../functions/provider-calls/provider-call-store.ts';
import { createRequestScope } from '../../../functions/request-scope.ts';
import { startDynamodb } from '../../dynamodb.ts';
import { IDS, sampleIntent } from './sample-record.ts';

const dynamodb = await startDynamodb();
const START = Date.parse('2026-04-21T23:15:00Z');
const MAX_PROCESSING = 600_000;
/** When no manager can be processing the sample's order any more. */
const OVER = TIME_LIMITS.intentLifetime + MAX_PROCESSING + 30_001;
const LATER = 5 * 60_000;
const DUE = '2026-04-21 23:16:00.000000';
const scope = createRequestScope('request-1');

const OTHER_RECORD = '00000000-0000-4000-8000-000000000002';
function callId(digit: number) {
  return `00000000-0000-4000-8000-00000000001${digit}`;
}
function groupcallId(digit: number) {
  return `00000000-0000-4000-8000-00000000002${digit}`;
}
function tel(target: string) {
  return { type: 'tel', target, target_name: '' } as const;
}
function sip(target: string) {
  return { type: 'sip', target, target_name: '' } as const;
}
const AGENT = { type: 'agent', target: IDS.otherAgent, target_name: '' } as const;
const SEOUL = tel('+821012345678');
const PARIS = tel('+33123456789');

function call(digit: number, changes: Partial<ListedCall> = {}): ListedCall {
  return {
    id: callId(digit),
    source: { type: 'tel', target: '+14155551234' },
    destination: { type: 'tel', target: SEOUL.target },
    providerId: IDS.provider,
    createdAt: START + 1_000,
    ...changes,
  };
}
function groupcall(digit: number, changes: Partial<ListedGroupcall> = {}): ListedGroupcall {
  return {
    id: groupcallId(digit),
    source: { type: 'tel', target: '+14155551234' },
    createdAt: START + 1_000,
    ...changes,
  };
}

type Scene = {
  intent?: Partial<Intent>;
  calls?: ListedCall[];
  groupcalls?: ListedGroupcall[];
  /** Milliseconds since the intent. */
  passed?: number;
  /** Claims of another record. */
  claimed?: CallClaim[];
  /** Claims of the record itself. */
  own?: CallClaim[];
  /** Other open records. */
  open?: Partial<Intent>[];
};

/** Settles the sample's order in a new table. */
async function settle({
  intent: changes,
  calls = [],
  groupcalls = [],
  passed = LATER,
  claimed = [],
  own = [],
  open = [],
}: Scene) {
  const table = await dynamodb.createProviderCallTable();
  const store = createProviderCallStore(dynamodb.documents, table);
  const claims = createCallClaimStore(dynamodb.documents, table);
  const intent = sampleIntent(changes);
  await store.insertIntent({ intent, due: DUE });
  for (const [index, rival] of open.entries()) {
    await store.insertIntent({ intent: sampleIntent({ id: callId(index), ...rival }), due: DUE });
  }
  await claims.claim({ owner: OTHER_RECORD, calls: claimed });
  await claims.claim({ owner: intent.id, calls: own });
  const periods: unknown[] = [];
  const claimedCalls = createClaimedCalls({
    calls: {
      placeCalls: async () => ({
        callIds: calls.map(({ id }) => id),
        groupcallIds: groupcalls.map(({ id }) => id),
      }),
      listCalls: async (_scope, _order, period) => {
        periods.push(period);
        return { calls, groupcalls };
      },
    },
    claims,
    maxProcessing: MAX_PROCESSING,
    now: () => new Date(START + passed),
  });
  const order = callOrder(intent);
  return { claimedCalls, claims, order, periods, find: () => claimedCalls.findPlaced(scope, order) };
}

function asClaims(callIds: string[], groupcallIds: string[] = []): CallClaim[] {
  return [
    ...callIds.map((id) => ({ kind: 'call' as const, id })),
    ...groupcallIds.map((id) => ({ kind: 'groupcall' as const, id })),
  ];
}

/** Returns the outcome of settling in one word, with the ids that it names. */
async function outcomeOf(scene: Scene) {
  const { find } = await settle(scene);
  try {
    const { callIds, groupcallIds } = await find();
    return callIds.length + groupcallIds.length === 0 ? ['nothing'] : ['placed', ...callIds, ...groupcallIds];
  } catch (error) {
    if (!(error instanceof BackendFailure) || error.outcome !== 'unknown') throw error;
    return error.candidates === undefined ? ['unknown'] : ['ambiguous', ...error.candidates];
  }
}

const OWN_FLOW = { temporaryFlow: { actions: [], flowId: IDS.flow } };
const TWO = { destinations: [SEOUL, PARIS] };

describe('settling without keys', () => {
  test.each<[string, Scene, string[]]>([
    ['one call that matches is the record’s', { calls: [call(1)] }, ['placed', callId(1)]],
    ['no call proves nothing before managers must be done', { passed: OVER - 1 }, ['unknown']],
    ['no call proves that nothing was placed afterwards', { passed: OVER }, ['nothing']],
    [
      'one of two calls proves nothing while managers may still be processing',
      { intent: TWO, calls: [call(1)] },
      ['unknown'],
    ],
    [
      'one of two calls is all that was placed afterwards',
      { intent: TWO, calls: [call(1)], passed: OVER },
      ['placed', callId(1)],
    ],
    [
      'two calls to two destinations are the record’s',
      { intent: TWO, calls: [call(1), call(2, { destination: PARIS })] },
      ['placed', callId(1), callId(2)],
    ],
    [
      'two calls to one destination named twice are the record’s',
      { intent: { destinations: [SEOUL, SEOUL] }, calls: [call(1), call(2)] },
      ['placed', callId(1), callId(2)],
    ],
    [
      'two calls to one destination are ambiguous',
      { calls: [call(1), call(2)], passed: OVER },
      ['ambiguous', callId(1), callId(2)],
    ],
    [
      'a call that another record has claimed is not the record’s',
      { calls: [call(1), call(2)], claimed: asClaims([callId(1)]) },
      ['placed', callId(2)],
    ],
    [
      'a claimed call is the record’s, whatever else matches and whichever other records are open',
      { calls: [call(1), call(2)], own: asClaims([callId(1)]), open: [{}] },
      ['placed', callId(1)],
    ],
    [
      'a claimed call is the record’s, however recent another matching call is',
      { calls: [call(1), call(2, { createdAt: START + LATER })], own: asClaims([callId(1)]) },
      ['placed', callId(1)],
    ],
    [
      'only calls that the record has not claimed yet are searched for',
      {
        intent: TWO,
        calls: [call(1), call(2), call(3, { destination: PARIS })],
        own: asClaims([callId(1)]),
      },
      ['placed', callId(1), callId(3)],
    ],
    [
      'an unclaimed call that another open record may have placed is ambiguous',
      {
        intent: TWO,
        calls: [call(1), call(3, { destination: PARIS })],
        own: asClaims([callId(1)]),
        open: [{ destinations: [PARIS] }],
      },
      ['ambiguous', callId(1), callId(3)],
    ],
    [
      'a claimed groupcall is the record’s, whatever else matches',
      {
        intent: { destinations: [AGENT] },
        groupcalls: [groupcall(1), groupcall(2)],
        own: asClaims([], [groupcallId(1)]),
      },
      ['placed', groupcallId(1)],
    ],
    [
      'a call through another provider is not the record’s',
      { calls: [call(1, { providerId: IDS.otherProvider })], passed: OVER },
      ['nothing'],
    ],
    [
      'a call without a forced provider is not the record’s',
      { calls: [call(1, { providerId: undefined })], passed: OVER },
      ['nothing'],
    ],
    [
      'a call to another destination is not the record’s',
      { calls: [call(1, { destination: PARIS })], passed: OVER },
      ['nothing'],
    ],
    [
      'a call from another source is not the record’s',
      { calls: [call(1, { source: { type: '', target: '' } })], passed: OVER },
      ['nothing'],
    ],
    [
      'a call without a source is that of a record without one',
      { intent: { source: null }, calls: [call(1, { source: { type: '', target: '' } })] },
      ['placed', callId(1)],
    ],
    [
      'a call whose telephone numbers the platform has stored without separators is the record’s',
      {
        intent: { source: tel('+1 (415) 555-1234'), destinations: [tel('+82-10-1234.5678')] },
        calls: [call(1)],
      },
      ['placed', callId(1)],
    ],
    [
      'a call to a number without the plus is not that of a record with it',
      { calls: [call(1, { destination: { type: 'tel', target: '821012345678' } })], passed: OVER },
      ['nothing'],
    ],
    [
      'a call whose host the platform has stored in lower case is the record’s',
      {
        intent: { destinations: [sip('Al@ice@SIP.Example.com;X=Y@Z')] },
        calls: [call(1, { destination: sip('Al@ice@sip.example.com;X=Y@Z') })],
      },
      ['placed', callId(1)],
    ],
    [
      'a call to a user in other letters is not the record’s',
      {
        intent: { destinations: [sip('Alice@example.com')] },
        calls: [call(1, { destination: sip('alice@example.com') })],
        passed: OVER,
      },
      ['nothing'],
    ],
    [
      'a claimed call is the record’s, even if the platform has changed its destination',
      { calls: [call(1, { destination: PARIS }), call(2)], own: asClaims([callId(1)]) },
      ['placed', callId(1)],
    ],
    [
      'a call that may belong to a create that is still running proves nothing',
      { calls: [call(1, { createdAt: START + LATER - 59_000 })] },
      ['unknown'],
    ],
    [
      'a call that another open record may have placed is ambiguous',
      { calls: [call(1)], open: [{}] },
      ['ambiguous', callId(1)],
    ],
    [
      'an open record with another destination does not compete for a call',
      { calls: [call(1)], open: [{ destinations: [PARIS] }] },
      ['placed', callId(1)],
    ],
    [
      'an open record with another source does not compete for a call',
      { calls: [call(1)], open: [{ source: null }] },
      ['placed', callId(1)],
    ],
    [
      'an open record with another flow does not compete for a call',
      { calls: [call(1)], open: [{ flowId: IDS.flow }] },
      ['placed', callId(1)],
    ],
    [
      'an open record with its own flow does not compete for a call',
      { calls: [call(1)], open: [OWN_FLOW] },
      ['placed', callId(1)],
    ],
    [
      'an open record that has never dialled does not compete for a call',
      { calls: [call(1)], open: [{ neverDialled: true }] },
      ['placed', callId(1)],
    ],
    [
      'an open record that began after the call does not compete for a call',
      { calls: [call(1)], open: [{ createdAt: '2026-04-21 23:16:00.000000' }] },
      ['placed', callId(1)],
    ],
    [
      'an open record of another customer does not compete for a call',
      { calls: [call(1)], open: [{ customerId: IDS.otherCustomer }] },
      ['placed', callId(1)],
    ],
    [
      'every call with the record’s own flow is the record’s',
      {
        intent: OWN_FLOW,
        calls: [call(1, { destination: PARIS, providerId: undefined }), call(2)],
        open: [{}],
      },
      ['placed', callId(1), callId(2)],
    ],
    ['with an own flow too, no call proves nothing at first', { intent: OWN_FLOW }, ['unknown']],
    [
      'an empty list proves at last that nothing was placed, with an own flow too',
      { intent: OWN_FLOW, passed: OVER },
      ['nothing'],
    ],
    [
      'a groupcall is that of a record that calls an agent',
      { intent: { destinations: [AGENT] }, groupcalls: [groupcall(1)] },
      ['placed', groupcallId(1)],
    ],
    [
      'a groupcall is not that of a record that calls no agent',
      { groupcalls: [groupcall(1)], passed: OVER },
      ['nothing'],
    ],
    [
      'two groupcalls for one agent are ambiguous',
      { intent: { destinations: [AGENT] }, groupcalls: [groupcall(1), groupcall(2)] },
      ['ambiguous', groupcallId(1), groupcallId(2)],
    ],
    [
      'a groupcall that another open record may have placed is ambiguous',
      { intent: { destinations: [AGENT] }, groupcalls: [groupcall(1)], open: [{ destinations: [AGENT] }] },
      ['ambiguous', groupcallId(1)],
    ],
    [
      'a groupcall that another record has claimed is not the record’s',
      {
        intent: { destinations: [AGENT] },
        groupcalls: [groupcall(1)],
        claimed: asClaims([], [groupcallId(1)]),
        passed: OVER,
      },
      ['nothing'],
    ],
  ])('%s', async (_what, scene, outcome) => {
    expect(await outcomeOf(scene)).toEqual(outcome);
  });

  test('lists what was created between the intent and the end of processing, with tolerance for clocks that differ', async () => {
    const { find, periods } = await settle({ calls: [call(1)] });
    await find();
    expect(periods).toEqual([{ from: START - 30_000, to: START + OVER - 1 }]);
  });

  test('names a record and its candidates in an error whose message can be logged', async () => {
    const { find } = await settle({ calls: [call(1), call(2)] });
    await expect(find()).rejects.toThrow(
      `several sets of calls may belong to ProviderCall ${IDS.record}: ${callId(1)}, ${callId(2)}`,
    );
  });
});

describe('claims', () => {
  test('are made for what was placed before the record is completed', async () => {
    const { claimedCalls, claims, order } = await settle({ calls: [call(1)], groupcalls: [groupcall(1)] });
    await claimedCalls.placeCalls(scope, order);
    expect(await claims.findOwners(asClaims([callId(1)], [groupcallId(1)]))).toEqual(
      new Map([
        [callId(1), IDS.record],
        [groupcallId(1), IDS.record],
      ]),
    );
  });

  test('are made for what was found, so that finding it again returns the same, whichever records are open by then', async () => {
    const { find, claims, order, claimedCalls } = await settle({ calls: [call(1)], open: [] });
    const placed = await find();
    expect(await claims.findOwners(asClaims([callId(1)]))).toEqual(new Map([[callId(1), IDS.record]]));
    expect(await claimedCalls.findPlaced(scope, order)).toEqual(placed);
  });

  test('leave a record unconfirmed if another one has claimed its calls', async () => {
    const { claimedCalls, order } = await settle({ calls: [call(1)], claimed: asClaims([callId(1)]) });
    await expect(claimedCalls.placeCalls(scope, order)).rejects.toMatchObject({ outcome: 'unknown' });
  });

  test('leave a record unconfirmed when the table fails', async () => {
    const { order } = await settle({});
    const broken = createClaimedCalls({
      calls: {
        placeCalls: async () => ({ callIds: [IDS.call], groupcallIds: [] }),
        listCalls: async () => ({ calls: [], groupcalls: [] }),
      },
      claims: createCallClaimStore(dynamodb.documents, 'no-such-table'),
      maxProcessing: MAX_PROCESSING,
      now: () => new Date(START),
    });
    await expect(broken.placeCalls(scope, order)).rejects.toMatchObject({
      name: 'BackendFailure',
      outcome: 'unknown',
    });
  });

  test('never put one call into two records that are settled at once', async () => {
    const table = await dynamodb.createProviderCallTable();
    const claims = createCallClaimStore(dynamodb.documents, table);
    const settler = createClaimedCalls({
      calls: {
        placeCalls: async () => ({ callIds: [], groupcallIds: [] }),
        listCalls: async () => ({ calls: [call(1)], groupcalls: [] }),
      },
      claims,
      maxProcessing: MAX_PROCESSING,
      now: () => new Date(START + LATER),
    });
    const orders = [IDS.record, OTHER_RECORD].map((id) => callOrder(sampleIntent({ id })));
    const results = await Promise.allSettled(orders.map((order) => settler.findPlaced(scope, order)));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });
});
