import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createApi, isEnded, providerName, providerOf } from '../src/page/api.ts';
import { callWith, providerWith, recordWith } from './fixtures.ts';

const ORIGIN = 'http://console.example';
const CREDENTIAL = { token: 'a.b.c' };

/** Five minutes and a second after the calls of `callWith` have ended. */
const SERVER_TIME = 'Wed, 25 Nov 2026 00:05:12 GMT';

const NOT_FOUND = {
  error: { status: 'NOT_FOUND', reason: 'CALL_NOT_FOUND', message: 'No.', request_id: 'r' },
};
const INVITE = messageWith('INVITE sip:1@203.0.113.5 SIP/2.0', 'INVITE');
const RINGING = messageWith('SIP/2.0 180 Ringing', 'INVITE');
const CHALLENGE = messageWith('SIP/2.0 407 Proxy Authentication Required', 'INVITE');
const BUSY = messageWith('SIP/2.0 486 Busy Here', 'INVITE');
const OK = messageWith('SIP/2.0 200 OK', 'INVITE');
const BYE = messageWith('BYE sip:1@203.0.113.5 SIP/2.0', 'BYE');

/** A message between us and the provider. */
function messageWith(startLine: string, method: string) {
  const isResponse = startLine.startsWith('SIP/2.0');
  const [us, provider] = ['192.0.2.10', '203.0.113.5'];
  return {
    timestamp: '2026-11-25T00:00:00.000000Z',
    method: isResponse ? startLine.split(' ')[1] : method,
    src_ip: isResponse ? provider : us,
    src_port: 5060,
    dst_ip: isResponse ? us : provider,
    dst_port: 5060,
    raw: `${startLine}\r\nVia: SIP/2.0/UDP ${us};branch=z9hG4bK1\r\nFrom: <sip:2@${us}>;tag=a\r\nTo: <sip:1@${provider}>\r\nCall-ID: c\r\nCSeq: 1 ${method}\r\n\r\n`,
  };
}

/** Requests as `METHOD path`, responded to by the path. */
let requests: string[];
let respond: (path: string, request: Request) => Response | Promise<Response>;

beforeEach(() => {
  requests = [];
  vi.stubGlobal('fetch', async (request: Request) => {
    const { pathname, search } = new URL(request.url);
    requests.push(`${request.method} ${pathname}${search}`);
    const response = await respond(pathname, request);
    response.headers.set('Date', SERVER_TIME);
    return response;
  });
});
afterEach(() => vi.unstubAllGlobals());

function open(onUnauthorized = () => {}) {
  return createApi(CREDENTIAL, ORIGIN, onUnauthorized);
}

describe('createApi', () => {
  test('requests a call that has ended once, and one that has not again', async () => {
    respond = (path) =>
      Response.json(
        callWith({ id: path.split('/').at(-1) ?? '', status: path.endsWith('live') ? 'ringing' : 'hangup' }),
      );
    const api = open();
    for (const id of ['ended', 'ended', 'live', 'live']) await api.getCall(id);
    expect(requests).toEqual(['GET /v1.0/calls/ended', 'GET /v1.0/calls/live', 'GET /v1.0/calls/live']);
  });

  test('requests the messages of a call that ended five minutes ago once, even if nothing was captured', async () => {
    respond = (path) =>
      path.includes('/none/')
        ? Response.json(NOT_FOUND, { status: 404 })
        : Response.json({
            sip_messages: [],
            rtcp_stats: null,
            notes: [{ timestamp: 't', text: 'n' }, 'odd', null],
          });
    const api = open();
    const ended = callWith();
    expect(await api.getAnalysis(ended)).toEqual({
      sip_messages: [],
      rtcp_stats: null,
      notes: [{ timestamp: 't', text: 'n' }],
    });
    await api.getAnalysis(ended);
    expect(await api.getAnalysis(callWith({ id: 'none' }))).toBeUndefined();
    expect(await api.getAnalysis(callWith({ id: 'none' }))).toBeUndefined();
    await api.getAnalysis(callWith({ id: 'live', status: 'ringing' }));
    await api.getAnalysis(callWith({ id: 'live', status: 'ringing' }));
    expect(requests.map((request) => request.split('/').at(-2))).toEqual(['call-1', 'none', 'live', 'live']);
  });

  describe('requests the messages of a call that has just ended', () => {
    const justNow = { tm_hangup: '2026-11-25 00:05:11.000000' };
    const unanswered = { ...justNow, tm_progressing: null, hangup_reason: 'busy' };

    test.each([
      ['again if nothing was captured', justNow, undefined, 2],
      ['again without messages', justNow, [], 2],
      ['again without a response', unanswered, [INVITE], 2],
      ['again while a final response is missing', unanswered, [INVITE, RINGING], 2],
      ['again after a challenge, which another INVITE may follow', unanswered, [INVITE, CHALLENGE], 2],
      ['again while the answer is missing', justNow, [INVITE, RINGING], 2],
      ['again while the BYE of an answered call is missing', justNow, [INVITE, RINGING, OK], 2],
      ['once if they end with a rejection', unanswered, [INVITE, RINGING, BUSY], 1],
      ['once if they end with a BYE', justNow, [INVITE, RINGING, OK, BYE], 1],
    ])('%s', async (_, changes, messages, count) => {
      respond = () =>
        messages === undefined
          ? Response.json(NOT_FOUND, { status: 404 })
          : Response.json({ sip_messages: messages, rtcp_stats: null });
      const api = open();
      await api.getAnalysis(callWith(changes));
      await api.getAnalysis(callWith(changes));
      expect(requests).toHaveLength(count);
    });
  });

  test('requests at most four analyses at a time', async () => {
    const gates: (() => void)[] = [];
    respond = () => new Promise((resolve) => gates.push(() => resolve(Response.json({ sip_messages: [] }))));
    const api = open();
    const all = Promise.all(
      Array.from({ length: 9 }, (_, index) => api.getAnalysis(callWith({ id: `c${index}` }))),
    );
    await expect.poll(() => gates).toHaveLength(4);
    gates.shift()?.();
    await expect.poll(() => requests).toHaveLength(5);
    expect(gates).toHaveLength(4);
    while (requests.length < 9 || gates.length > 0) {
      gates.shift()?.();
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
    expect(await all).toHaveLength(9);
  });

  test('reads pages of calls until there are enough, none is left, or ten have been read', async () => {
    respond = () => Response.json({ result: [callWith()], next_page_token: 'next' });
    const api = open();
    expect(await api.recentCalls((calls) => calls.length >= 2, { olderThan: 'then' })).toHaveLength(2);
    expect(requests).toEqual([
      'GET /v1.0/calls?page_size=100&page_token=then',
      'GET /v1.0/calls?page_size=100&page_token=next',
    ]);
    expect(await api.recentCalls(() => false)).toHaveLength(10);
    respond = () => Response.json({ result: [], next_page_token: '' });
    expect(await api.recentCalls(() => false)).toEqual([]);
  });

  test('reads a page of any length', async () => {
    const result = Array.from({ length: 150_000 }, (_, index) => ({ id: String(index) }));
    respond = () => Response.json({ result, next_page_token: '' });
    expect(await open().recentCalls(() => true)).toHaveLength(result.length);
  });

  test('lists all providers by name', async () => {
    const pages = [
      { result: [providerWith({ name: 'b' }), providerWith({ name: 'a', id: '2' })], next_page_token: 'x' },
      { result: [providerWith({ name: 'a', id: '1' })], next_page_token: '' },
    ];
    respond = () => Response.json(pages.shift());
    expect((await open().listProviders()).map(({ name, id }) => name + id)).toEqual([
      'a1',
      'a2',
      'bprovider-1',
    ]);
  });

  test('sends a stored request once, with its key, whatever its outcome', async () => {
    let sent: [string | null, string] | undefined;
    respond = async (_, request) => {
      sent = [request.headers.get('Idempotency-Key'), await request.text()];
      return Response.json(recordWith());
    };
    const request = { provider_id: 'p', destinations: [{ type: 'tel' as const, target: '+1' }] };
    const placement = {
      idempotencyKey: 'key-1',
      body: JSON.stringify(request),
      request,
      owner: 'me',
      sentAt: null,
    };
    expect(await open().placeCalls(placement)).toMatchObject({ record: recordWith(), replayed: false });
    expect(sent).toEqual(['key-1', placement.body]);
    respond = () => Promise.reject(new TypeError('connection lost'));
    requests = [];
    await expect(open().placeCalls(placement)).rejects.toThrow();
    expect(requests).toEqual(['POST /v1.0/providercalls']);
  });

  test('reports a rejected credential', async () => {
    const onUnauthorized = vi.fn();
    respond = () => Response.json({}, { status: 401 });
    await expect(open(onUnauthorized).getCall('x')).rejects.toThrow();
    expect(onUnauthorized).toHaveBeenCalledOnce();
  });

  test('remembers a call’s status after hanging up', async () => {
    respond = () => Response.json(callWith());
    const api = open();
    await api.hangUp('call-1');
    await api.getCall('call-1');
    expect(requests).toEqual(['POST /v1.0/calls/call-1/hangup']);
  });
});

test.each([
  [
    'the route in use',
    {
      dialroute_id: 'r2',
      dialroutes: [
        { id: 'r1', provider_id: 'a', priority: 0, target: 'all' },
        { id: 'r2', provider_id: 'b', priority: 1, target: 'all' },
      ],
    },
    'b',
  ],
  ['the provider it was forced through', {}, 'provider-1'],
  ['none', { metadata: {} }, undefined],
  ['none for malformed metadata', { metadata: { route_provider_ids: 'x' } }, undefined],
])('a call’s provider is %s', (_, changes, provider) => {
  expect(providerOf(callWith(changes))).toBe(provider);
});

test('a call has ended when its status is hangup, and with no other status', () => {
  expect(isEnded({ status: 'hangup' })).toBe(true);
  expect(isEnded({ status: 'terminating' })).toBe(false);
});

test('a provider without a name is shown by its id', () => {
  expect(providerName({ id: 'p1', name: '' })).toBe('p1');
  expect(providerName({ id: 'p1', name: 'Carrier' })).toBe('Carrier');
});
