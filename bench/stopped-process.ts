import { subscribe } from 'node:diagnostics_channel';
import { writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { contextOf } from './lambda-context.ts';

/*
 * The process of one function, to be stopped and continued from outside as Lambda freezes and thaws one. `argv`: bundle, the
 * port of the broker. It handles the event of each line of standard input, and writes to file descriptor 3 a line with
 * the milliseconds that it took, the connections that it has made to the broker so far, the resident bytes, and the response.
 */

const [, , bundle = '', port = ''] = process.argv;
const handler = createRequire(bundle)(bundle).handler;

let connections = 0;
subscribe('net.client.socket', (message) => {
  if (!(message instanceof Object && 'socket' in message && message.socket instanceof Socket)) return;
  const { socket } = message;
  socket.once('connect', () => {
    if (socket.remotePort === Number(port)) connections += 1;
  });
});

let events = 0;
for await (const line of createInterface({ input: process.stdin })) {
  const context = contextOf(events);
  events += 1;
  const startedAt = performance.now();
  const response = await handler(JSON.parse(line), context);
  const milliseconds = performance.now() - startedAt;
  const rss = process.memoryUsage.rss();
  writeSync(3, `${JSON.stringify({ milliseconds, connections, rss, response })}\n`);
}
process.exit(0);
