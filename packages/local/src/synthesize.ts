import { buildApp } from '../../../lib/app.ts';
import { parseSettings } from '../../../lib/settings.ts';

/*
 * Synthesizes the stack of stage `local` into the directory named on the command line: the template and bundles that a
 * deployment would upload. The transport, `http` or `amqp`, determines how the functions reach the backends. One
 * directory serves any number of local systems, because each fills in the backends' URLs when it starts.
 */

const [directory, transport] = process.argv.slice(2);
if (directory === undefined || (transport !== 'http' && transport !== 'amqp')) {
  throw new Error('usage: synthesize.ts DIRECTORY http|amqp');
}

/** A placeholder for the backends' URLs. Nothing listens there. */
const placeholder = `${transport}://127.0.0.1:1`;

const settings = parseSettings({
  stage: 'local',
  routeBackendUrl: placeholder,
  flowBackendUrl: placeholder,
  callBackendUrl: placeholder,
  ...(transport === 'http' && { backendAuth: 'none' }),
});
buildApp({ settings, outdir: directory }).synth();
