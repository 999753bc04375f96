import { createAmqpClient } from '../../../functions/backends/amqp-client.ts';

/*
 * A separate process with one client, which a test can stop as Lambda freezes a function. It sends requests on
 * command and reports the reply, or the error's outcome. With each request its clock jumps ahead by a second,
 * so that its connection counts as idle for that long, however briefly the test stops it.
 */

const [, , url = '', queue = ''] = process.argv;
async function login() {
  return { username: 'guest', password: 'guest' };
}
let requests = 0;
const client = createAmqpClient({
  url: new URL(url),
  credentials: { current: login, refresh: login },
  now: () => Date.now() + requests * 1_000,
});

process.on('message', async (body) => {
  requests += 1;
  try {
    process.send?.({ reply: await client.request({ queue, body: String(body), timeoutMs: 5_000 }) });
  } catch (error) {
    process.send?.({ error: String(error) });
  }
});
process.once('disconnect', () => process.exit());
