import type { AmqpClient } from '../../../functions/backends/amqp-client.ts';

/** A request as a manager takes it from its queue. */
export type AmqpEnvelope = { uri: string; method: string; data?: unknown } & Record<string, unknown>;

/** What a manager sends back: a reply, the text of one, or an error for the request's sender. */
export type AmqpReply = { status_code: number; data?: unknown } | string | Error;

/** A client whose requests a function answers, with every envelope that it was sent. */
export function clientOf(reply: (envelope: AmqpEnvelope) => AmqpReply) {
  const sent: { queue: string; timeoutMs: number; envelope: AmqpEnvelope }[] = [];
  const client: AmqpClient = {
    request: async ({ queue, body, timeoutMs }) => {
      const envelope: AmqpEnvelope = JSON.parse(body);
      sent.push({ queue, timeoutMs, envelope });
      const answer = reply(envelope);
      if (answer instanceof Error) throw answer;
      return typeof answer === 'string' ? answer : JSON.stringify(answer);
    },
    close: () => {},
  };
  return { client, sent };
}

type Row = { id: string; tm_create: string } & Record<string, unknown>;

/** Lists rows as a manager does: what the filters match and is older than the page token, newest first. */
export function listing(rowsOf: Readonly<Record<string, Row[]>>) {
  return ({ uri, data }: AmqpEnvelope): AmqpReply => {
    const { pathname, searchParams } = new URL(uri, 'amqp://managers');
    const token = searchParams.get('page_token') ?? '';
    const filters: Record<string, unknown> = Object(data);
    const rows = (rowsOf[pathname] ?? [])
      .filter((row) => Object.entries(filters).every(([name, value]) => row[name] === value))
      .filter(({ tm_create }) => Date.parse(tm_create) < Date.parse(token))
      .sort((a, b) => Date.parse(b.tm_create) - Date.parse(a.tm_create));
    return { status_code: 200, data: rows.slice(0, Number(searchParams.get('page_size'))) };
  };
}
