import { buildApp } from '../../../lib/app.ts';
import { parseSettings } from '../../../lib/settings.ts';

/** In the place of the backends until the start puts in those of its run: nothing listens there. */
const placeholderUrl = 'http://127.0.0.1:1';

/**
 * Synthesizes the stack of stage `local` into a directory: the very template, bundles included, that a deployment
 * would upload. One directory serves any number of local systems, for the backends' URLs come with the start.
 */
export function synthesizeLocal(directory: string): void {
  const settings = parseSettings({
    stage: 'local',
    routeBackendUrl: placeholderUrl,
    flowBackendUrl: placeholderUrl,
    callBackendUrl: placeholderUrl,
    backendAuth: 'none',
  });
  buildApp(settings, directory).synth();
}
