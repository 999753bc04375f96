import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

/** A UDP port of 127.0.0.1 that nobody has right now. */
export async function freePort(): Promise<number> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  return port;
}

/** Waits until some process has bound the UDP port. Throws after ten seconds. */
export async function portTaken(port: number): Promise<void> {
  const written = `:${port.toString(16).toUpperCase().padStart(4, '0')} `;
  for (let attempt = 0; attempt < 500; attempt += 1) {
    if ((await readFile('/proc/net/udp', 'utf8')).includes(written)) return;
    await delay(20);
  }
  throw new Error(`nobody has bound UDP port ${port}`);
}
