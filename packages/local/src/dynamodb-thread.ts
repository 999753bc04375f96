import { parentPort, workerData } from 'node:worker_threads';
import dynalite from 'dynalite';

/*
 * The embedded DynamoDB, in a separate thread so that its work and the gateway's do not block each other. It reports
 * its port once it listens, and ends at the first message.
 */

const port = parentPort;
if (port === null) throw new Error('runs only as a worker thread');

const { path, host }: { path?: string; host: string } = workerData;

const server = dynalite({ path, createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
// An idle connection that was closed after Node's five seconds could be in use again by then. The SDK repeats such requests, but
// not all of a burst on many connections: its retries are limited across requests.
server.keepAliveTimeout = 0;
server.listen(0, host, () => {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  port.postMessage(address.port);
});

port.once('message', () => {
  server.close(() => process.exit(0));
  server.closeAllConnections();
});
