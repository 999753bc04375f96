import { buildApp } from '../../../lib/app.ts';
import { parseSettings } from '../../../lib/settings.ts';

/*
 * Synthesizes the stack of stage `local` into the directory named on the command line: the template, bundles included,
 * that a deployment would upload. The transport, `http` or `amqp`, decides how the functions reach the backends. One
 * directory serves any number of local systems, because each puts in the backends' URLs as it starts.
 */

const [directory, transport] = process.argv.slice(2);
if (directory === undefined || (transport !== 'http' && transport !== 'amqp')) {
  throw new Error('usage: synthesize.ts DIRECTORY http|amqp');
}

/** In the place of the backends' URLs. Nothing listens there. */
const placeholder = `${transport}://127.0.0.1:1`;

const settings = parseSettings({
  stage: 'local',
  routeBackendUrl: placeholder,
  flowBackendUrl: placeholder,
  callBackendUrl: placeholder,
  ...(transport === 'http' && { backendAuth: 'none' }),
});
buildApp({ settings, outdir: directory }).synth();
