import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { JourneyResponse } from './journey-system.ts';

const run = promisify(execFile);

/** Runs a curl command unchanged in a shell. Status and headers are requested by curl's own .curlrc. */
export async function runCurl(command: string): Promise<JourneyResponse> {
  const home = mkdtempSync(join(tmpdir(), 'curl-home-'));
  try {
    writeFileSync(join(home, '.curlrc'), 'silent\nshow-error\ninclude\n');
    const { stdout } = await run('sh', ['-c', command], { env: { ...process.env, CURL_HOME: home } });
    const [head = '', ...body] = stdout.split('\r\n\r\n');
    const [statusLine = '', ...headerLines] = head.split('\r\n');
    const headers = new Headers(
      headerLines.map((line): [string, string] => {
        const colon = line.indexOf(':');
        return [line.slice(0, colon), line.slice(colon + 1).trim()];
      }),
    );
    return { status: Number(statusLine.split(' ')[1]), headers, text: body.join('\r\n\r\n') };
  } finally {
    rmSync(home, { recursive: true });
  }
}
