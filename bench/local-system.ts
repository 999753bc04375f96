import { startLocal } from '../packages/local/src/start.ts';

/*
 * The local system in a process of its own, as `npm start` has it, with its log lines thrown away and without the
 * stage's throttling. Tells its parent where it is, and ends with it.
 */

const system = await startLocal({ throttling: false, onLog: () => {} });
process.send?.({ url: system.url, token: system.token });
process.once('disconnect', async () => {
  await system.close();
  process.exit(0);
});
