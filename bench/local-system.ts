import { startLocal } from '@provider-call/local/start';

/*
 * The local system of `npm start` in its own process, without log lines or throttling. It reports its URL and token to
 * its parent, and stops when the parent does.
 */

const system = await startLocal({ throttling: false, onLog: () => {} });
process.send?.({ url: system.url, token: system.token });
process.once('disconnect', async () => {
  await system.close();
  process.exit(0);
});
