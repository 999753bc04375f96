import { parentPort, workerData } from 'node:worker_threads';
import dynalite from 'dynalite';

/*
 * The embedded DynamoDB, in a separate thread so that its work and the gateway's do not block each other. It reports
 * its port once it listens, and ends at the first message.
 */

const { path, host }: { path?: string; host: string } = workerData;

const server = dynalite({ path, createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
server.listen(0, host, () => {
  const address = server.address();
  parentPort?.postMessage(typeof address === 'object' && address !== null ? address.port : 0);
});

parentPort?.once('message', () => {
  server.close(() => process.exit(0));
  server.closeAllConnections();
});
