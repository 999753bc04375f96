import { fileURLToPath } from 'node:url';
import { createContext, runInContext } from 'node:vm';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { analyzeScenario, scenario } from './scenarios.ts';

/** In an empty context there is nothing of Node: no Buffer, process, require, fetch or timers. */
test('the package runs where there is only the language and TextEncoder, and stays small', async () => {
  const { metafile, outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('../src/index.ts', import.meta.url))],
    ...{ bundle: true, minify: true, write: false, metafile: true, platform: 'browser' },
    ...{ format: 'iife', globalName: 'evidence' },
  });
  const outside = Object.keys(metafile.inputs).filter((path) => !path.includes('packages/evidence/src/'));
  expect(outside).toEqual([]);
  const [bundle] = outputFiles;
  expect(bundle?.contents.byteLength).toBeLessThan(70_000);
  const { messages } = scenario('answered at the second host');
  const context = createContext({ TextEncoder, analysis: { sip_messages: messages, rtcp_stats: null } });
  const result: unknown = runInContext(
    `${bundle?.text};
    const result = evidence.analyzeCall({ id: '1' }, analysis);
    JSON.stringify([result, evidence.ladderText(result).length > 0, evidence.pcapOf(analysis.sip_messages).length > 24]);`,
    context,
  );
  expect(JSON.parse(String(result))).toEqual([analyzeScenario('answered at the second host'), true, true]);
});
