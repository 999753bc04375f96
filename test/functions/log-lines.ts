import { onTestFinished, vi } from 'vitest';
import * as z from 'zod/mini';

const lineSchema = z.record(z.string(), z.unknown());

/** Collects what is written to standard output while the test runs, instead of writing it. */
export function captureOutput(): string[] {
  const written: string[] = [];
  const spy = vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    written.push(String(chunk));
    return true;
  });
  onTestFinished(() => spy.mockRestore());
  return written;
}

/** A log line without what differs from run to run, and without the metrics' declaration and what goes with it. */
export function parseLine(line: string): Record<string, unknown> {
  const {
    time: _time,
    _aws,
    Stage,
    Version,
    latency_ms: _latency,
    cold_start: _coldStart,
    ColdStarts,
    ...rest
  } = lineSchema.parse(JSON.parse(line));
  return rest;
}
