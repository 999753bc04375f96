import { execFileSync } from 'node:child_process';

/** The text as Biome lays out a file of that name: what is generated has to pass the same gate as what is written. */
export const formatted = (text: string, fileName: string): string =>
  execFileSync('biome', ['format', `--stdin-file-path=${fileName}`], {
    input: text,
    encoding: 'utf8',
    maxBuffer: 16 * 1024 * 1024,
  });

/** A document as the JSON file of it. */
export const jsonFile = (document: unknown, fileName: string): string =>
  formatted(JSON.stringify(document), fileName);
