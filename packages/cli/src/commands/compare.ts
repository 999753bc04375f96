import type { Call, Provider } from '@provider-call/client';
import type { CallAnalysis } from '@provider-call/evidence';
import { EXIT } from '../cli-error.ts';
import { evidenceOf } from '../evidence-of.ts';
import { callsOf, findProvider } from '../find.ts';
import { inTurns } from '../in-turns.ts';
import { plainLine } from '../plain-text.ts';
import type { Session } from '../session.ts';
import { compareProportions, comparisonText, reportOf, STATISTICS_COLUMNS } from '../statistics.ts';
import { tableLines } from '../table.ts';

export type CompareInput = { a: string; b: string; last: number; json?: boolean };

/**
 * Compares two providers over the calls of their newest records.
 *
 * @returns 1 if B is significantly worse than A
 */
export async function compareProviders(
  session: Session,
  { a, b, last, json }: CompareInput,
): Promise<number> {
  const { terminal } = session;
  const providers = await Promise.all([findProvider(session, a), findProvider(session, b)]);
  const [reportA, reportB] = [
    reportOf(providers[0], await newestAnalyses(session, providers[0], last)),
    reportOf(providers[1], await newestAnalyses(session, providers[1], last)),
  ];
  const comparisons = [
    compareProportions('answered (ASR)', reportB.statistics.asr, reportA.statistics.asr),
    compareProportions('reached the network (NER)', reportB.statistics.ner, reportA.statistics.ner),
  ];
  const exitCode = comparisons.some(({ isWorse }) => isWorse) ? EXIT.notAsExpected : EXIT.ok;
  if (json) {
    terminal.print(JSON.stringify({ a: reportA, b: reportB, comparisons }, null, 2));
    return exitCode;
  }
  for (const line of tableLines([reportA, reportB], STATISTICS_COLUMNS, terminal)) terminal.print(line);
  terminal.print('');
  const [nameA = '', nameB = ''] = [reportA, reportB].map(({ id, name }) => plainLine(name || id));
  terminal.print(`${nameB} against ${nameA}:`);
  for (const comparison of comparisons) terminal.print(`  ${comparisonText(comparison)}`);
  return exitCode;
}

async function newestAnalyses(session: Session, { id }: Provider, last: number): Promise<CallAnalysis[]> {
  const calls: Call[] = [];
  for await (const record of session.providerCalls.allProviderCalls({
    providerId: id,
    pageSize: Math.min(last, 100),
  })) {
    calls.push(...(await callsOf(session, record)));
    if (calls.length >= last) break;
  }
  const evidence = await inTurns(calls.slice(0, last), (call) => evidenceOf(session, call));
  return evidence.map(({ analysis }) => analysis);
}
