import { localAssembly } from '../packages/local/src/assembly-cache.ts';

/** Synthesizes the stack before the tests that serve it start, side by side, and would each do it for themselves. */
export default async function synthesizeOnce(): Promise<void> {
  await localAssembly();
}
