import { existsSync } from 'node:fs';

/** Debian's; `CHROMIUM` names another one. */
export const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';

/** Ends the run before its first test when there is no browser. */
export default function requireChromium(): void {
  if (!existsSync(CHROMIUM)) {
    throw new Error(`npm run test:console needs ${CHROMIUM}: apt-get install chromium`);
  }
}
