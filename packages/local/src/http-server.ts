import { once } from 'node:events';
import type { Server } from 'node:http';
import { isIPv6 } from 'node:net';

/** The address that the servers listen on by default. */
export const LOOPBACK = '127.0.0.1';

/** A server that listens. */
export type ListeningServer = {
  url: string;
  port: number;
  /** Closes the server and every connection to it. May be called repeatedly. */
  close(): Promise<void>;
};

/**
 * Makes a server listen.
 *
 * @param port 0 for any free one
 * @throws the system's error when the address cannot be listened on
 */
export async function listen(server: Server, host: string, port = 0): Promise<ListeningServer> {
  server.listen(port, host);
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return {
    url: urlOf(host, address.port),
    port: address.port,
    async close() {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Returns the URL at which this machine reaches its own server: on loopback if the server listens on every address. */
export function urlOf(host: string, port: number): string {
  if (host === '0.0.0.0') return `http://${LOOPBACK}:${port}`;
  if (host === '::') return `http://[::1]:${port}`;
  return `http://${isIPv6(host) ? `[${host}]` : host}:${port}`;
}
