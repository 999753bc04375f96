import { createPlatformClient, createProviderCallClient } from '@provider-call/client';
import type { Session } from '../src/session.ts';
import type { Terminal } from '../src/terminal.ts';

/** A JSON body, a response, or what makes one; a list is used up one by one, and its last element stays. */
export type Reply = unknown;

export type TestSession = Session & {
  /** What was printed on stdout, line by line. */
  printed: string[];
  /** What was written to stderr. */
  notes: string[];
  /** `POST /providercalls {"…"}`, in order. */
  requests: string[];
  sent: Request[];
  questions: string[];
};

type Options = {
  /** What the person answers; without it there is no person. */
  answers?: boolean[];
  hidden?: string;
  input?: string;
  isFormatted?: boolean;
};

export const BASE_URL = 'http://127.0.0.1:3000/v1.0';

/**
 * A session whose API responds as the table says: by method and path, with or without the query. What is not in it is
 * 404 in the platform's envelope.
 */
export function sessionUnderTest(replies: Record<string, Reply>, options: Options = {}): TestSession {
  const { answers, hidden = '', input = '', isFormatted = false } = options;
  const queues = new Map(
    Object.entries(replies).map(([key, reply]) => [key, Array.isArray(reply) ? [...reply] : [reply]]),
  );
  const [printed, notes, requests, questions]: string[][] = [[], [], [], []];
  const sent: Request[] = [];
  const fetch = async (request: Request): Promise<Response> => {
    const { pathname, search } = new URL(request.url);
    const path = `${request.method} ${pathname.replace('/v1.0', '')}`;
    const body = request.method === 'GET' ? '' : await request.clone().text();
    requests?.push(`${path}${search}${body === '' ? '' : ` ${body}`}`);
    sent.push(request);
    const queue = queues.get(`${path}${search}`) ?? queues.get(path);
    const reply =
      queue === undefined ? apiError(404, 'NOT_FOUND') : queue.length > 1 ? queue.shift() : queue[0];
    const made: unknown = typeof reply === 'function' ? await reply(request) : reply;
    if (made instanceof Error) throw made;
    return made instanceof Response ? made.clone() : Response.json(made);
  };
  const terminal: Terminal = {
    isFormatted,
    isInteractive: answers !== undefined,
    columns: () => 120,
    print: (line) => void printed?.push(line),
    write: (text) => void printed?.push(text),
    note: (line) => void notes?.push(line),
    style: (_, text) => text,
    confirm: async (question) => {
      questions?.push(question);
      return answers?.shift() ?? false;
    },
    askHidden: async (question) => {
      questions?.push(question);
      return hidden;
    },
    readInput: async () => input,
  };
  const client = { baseUrl: BASE_URL, token: 't', fetch, maxRetries: 0 };
  return {
    terminal,
    configuration: {
      url: BASE_URL,
      platformUrl: BASE_URL,
      credential: { token: 't' },
      source: 'environment',
    },
    providerCalls: createProviderCallClient(client),
    platform: createPlatformClient(client),
    mayHaveReachedApi: () => true,
    printed: printed ?? [],
    notes: notes ?? [],
    requests: requests ?? [],
    questions: questions ?? [],
    sent,
  };
}

export function apiError(status: number, reason: string, details?: object[]): Response {
  const error = { status: 'X', reason, message: 'Do this.', request_id: 'r-1', ...(details && { details }) };
  return Response.json({ error }, { status });
}

export function page(...result: unknown[]) {
  return { result, next_page_token: '' };
}

export const IDS = {
  record: 'b7d1c0f6-9a2e-4b3f-8e2a-1c7d5b8a9e0f',
  call: '9f8e7d6c-5b4a-4c2d-9e0f-abcdef012345',
  otherCall: '9f000000-0000-4000-8000-000000000002',
  provider: '4dbeabd6-f397-4375-95d2-a38411e07ed1',
  busy: 'b0000000-0000-4000-8000-000000000001',
  groupcall: 'aaaaaaaa-0000-4000-8000-000000000001',
  childGroupcall: 'aaaaaaaa-0000-4000-8000-000000000002',
} as const;

export const RECORD = {
  id: IDS.record,
  customer_id: '6a93f71e-8b2d-4e5f-9a1c-2d3e4f5a6b7c',
  provider_id: IDS.provider,
  flow_id: '00000000-0000-0000-0000-000000000000',
  source: { type: 'tel', target: '+14155551234', target_name: '' },
  destinations: [{ type: 'tel', target: '+821012345678', target_name: '' }],
  anonymous: 'auto',
  call_ids: [IDS.call],
  groupcall_ids: [],
  tm_create: '2026-04-21 23:15:00.000000',
  tm_update: '2026-04-21 23:15:00.000000',
  tm_delete: null,
};

export const ANSWERED = {
  id: IDS.call,
  status: 'hangup',
  source: RECORD.source,
  destination: RECORD.destinations[0],
  hangup_by: 'remote',
  hangup_reason: 'normal',
  tm_create: '2026-04-21 23:15:00.000000',
  tm_ringing: '2026-04-21 23:15:00.500000',
  tm_progressing: '2026-04-21 23:15:02.000000',
  tm_hangup: '2026-04-21 23:15:12.000000',
};

export const BUSY_CALL = {
  ...ANSWERED,
  hangup_reason: 'busy',
  tm_ringing: null,
  tm_progressing: null,
  tm_hangup: '2026-04-21 23:15:00.300000',
};

export const PROVIDER = {
  id: IDS.provider,
  name: 'Answers',
  hostname: '127.0.0.1:5070',
  tech_prefix: '',
  health_status: 'healthy',
  health_checked_at: '2026-04-21 23:14:30.000000',
  tm_delete: null,
};

export const BUSY_PROVIDER = { ...PROVIDER, id: IDS.busy, name: 'Busy', tech_prefix: '486' };

/** What a busy call said on the wire. */
export const busyMessages = {
  sip_messages: [
    sipMessage('2026-04-21T23:15:00.000000Z', 'INVITE', [
      'INVITE sip:486+821012345678@127.0.0.1:5070 SIP/2.0',
      'CSeq: 1 INVITE',
    ]),
    sipMessage('2026-04-21T23:15:00.200000Z', '486', ['SIP/2.0 486 Busy Here', 'CSeq: 1 INVITE']),
  ],
  rtcp_stats: null,
};

function sipMessage(timestamp: string, method: string, [start = '', cseq = '']: string[]) {
  const [us, them] = [
    ['127.0.0.1', 5060],
    ['127.0.0.1', 5070],
  ] as const;
  const [from, to] = method === 'INVITE' ? [us, them] : [them, us];
  const lines = [
    start,
    'Via: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bK1',
    'From: <sip:+14155551234@127.0.0.1>;tag=1',
    `To: <sip:486+821012345678@127.0.0.1:5070>${method === 'INVITE' ? '' : ';tag=2'}`,
    'Call-ID: 1',
    cseq,
    'Content-Length: 0',
  ];
  return {
    timestamp,
    method,
    src_ip: from[0],
    src_port: from[1],
    dst_ip: to[0],
    dst_port: to[1],
    raw: `${lines.join('\r\n')}\r\n\r\n`,
  };
}
