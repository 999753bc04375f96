import { localAssembly } from '../packages/local/src/assembly-cache.ts';

/** Synthesizes the stack before tests start in parallel, each of which would otherwise synthesize it. */
export default async function synthesizeOnce(): Promise<void> {
  await localAssembly();
}
