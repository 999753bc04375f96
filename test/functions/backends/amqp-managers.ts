import type { AmqpClient } from '../../../functions/backends/amqp-client.ts';

/** A request as a manager gets it from its queue. */
export type AmqpEnvelope = { uri: string; method: string; data?: unknown } & Record<string, unknown>;

/** What a manager sends back: a reply, its text, or an error for the sender of the request. */
export type AmqpReply = { status_code: number; data?: unknown } | string | Error;

/** Returns a client whose replies come from a function, along with every envelope that it sent. */
export function clientOf(reply: (envelope: AmqpEnvelope) => AmqpReply) {
  const sent: { queue: string; timeoutMs: number; envelope: AmqpEnvelope }[] = [];
  const client: AmqpClient = {
    request: async ({ queue, body, timeoutMs }) => {
      const envelope: AmqpEnvelope = JSON.parse(body);
      sent.push({ queue, timeoutMs, envelope });
      const replied = reply(envelope);
      if (replied instanceof Error) throw replied;
      return typeof replied === 'string' ? replied : JSON.stringify(replied);
    },
    close: () => {},
  };
  return { client, sent };
}

type Row = { id: string; tm_create: string } & Record<string, unknown>;

/** Lists rows like a manager: those that match the filters and are older than the page token, newest first. */
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
