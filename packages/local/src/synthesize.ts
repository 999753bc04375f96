import { buildApp } from '../../../lib/app.ts';
import { parseSettings } from '../../../lib/settings.ts';

/*
 * Synthesizes the stack of stage `local` into the directory named on the command line: the template, bundles included,
 * that a deployment would upload. One directory serves any number of local systems, because each puts in the backends'
 * URLs as it starts.
 */

/** In the place of the backends' URLs. Nothing listens there. */
const PLACEHOLDER_URL = 'http://127.0.0.1:1';

const [directory] = process.argv.slice(2);
if (directory === undefined) throw new Error('usage: synthesize.ts DIRECTORY');

const settings = parseSettings({
  stage: 'local',
  routeBackendUrl: PLACEHOLDER_URL,
  flowBackendUrl: PLACEHOLDER_URL,
  callBackendUrl: PLACEHOLDER_URL,
  backendAuth: 'none',
});
buildApp({ settings, outdir: directory }).synth();
