import { startLocal } from '@provider-call/local/start';
import * as z from 'zod/mini';
import { CALL_BODY, INLINE_ACTIONS } from './events.ts';

const recordSchema = z.object({ id: z.uuid() });

/**
 * Sends each kind of request to the local system, which runs the bundles of the synthesized template, and returns the
 * bytes of all log lines about it: the access log's, the function's, and the authorizer's if it writes any.
 */
export async function measureLoggedBytes(): Promise<ReadonlyMap<string, number>> {
  const lines: string[] = [];
  const system = await startLocal({ throttling: false, onLog: (line) => lines.push(line) });
  const route = `${system.url}/v1.0/providercalls`;

  async function send(method: string, url = route, body?: unknown) {
    const response = await fetch(url, {
      method,
      headers: { Authorization: `Bearer ${system.token}`, 'Content-Type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const requestId = response.headers.get('x-amzn-requestid');
    if (response.status !== 200 || requestId === null) throw new Error(`${method} got ${response.status}`);
    return { requestId, body: await response.json() };
  }

  async function sendEach(): Promise<[string, string][]> {
    const created = await send('POST', route, CALL_BODY);
    const withActions = await send('POST', route, { ...CALL_BODY, actions: INLINE_ACTIONS });
    const record = `${route}/${recordSchema.parse(created.body).id}`;
    const got = await send('GET', record);
    const listed = await send('GET', `${route}?page_size=100`);
    const deleted = await send('DELETE', record);
    return [
      ['create', created.requestId],
      ['create with inline actions', withActions.requestId],
      ['get', got.requestId],
      ['list of 100', listed.requestId],
      ['delete', deleted.requestId],
    ];
  }

  // The first request of each kind is a cold start, whose line has an additional metric.
  await sendEach();
  const requests = await sendEach();
  // Stops the functions' threads, so that they write nothing more.
  await system.close();
  return new Map(
    requests.map(([name, requestId]) => {
      const about = lines.filter((line) => line.includes(requestId));
      if (about.length !== 2) throw new Error(`${name} has ${about.length} log lines: ${about.join('\n')}`);
      return [name, about.reduce((bytes, line) => bytes + Buffer.byteLength(line), 0)];
    }),
  );
}
