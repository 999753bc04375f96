import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * A port of 127.0.0.1 that is free for UDP and TCP, as is the next one for TCP: baresip listens on all three. It is not
 * in the range of ephemeral ports, so no other socket gets it before the program that it is for has bound it.
 */
export async function freeServerPort(): Promise<number> {
  for (let attempt = 1; ; attempt += 1) {
    const port = randomInt(10_000, 16_000);
    try {
      await tryUdp(port);
      await tryTcp(port);
      await tryTcp(port + 1);
      return port;
    } catch (error) {
      if (attempt === 50) throw error;
    }
  }
}

async function tryUdp(port: number): Promise<void> {
  const socket = createSocket('udp4');
  socket.bind(port, '127.0.0.1');
  await once(socket, 'listening').finally(() => socket.close());
}

async function tryTcp(port: number): Promise<void> {
  const server = createServer();
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  server.close();
  await once(server, 'close');
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
