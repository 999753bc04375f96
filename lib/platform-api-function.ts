import type { Construct } from 'constructs';
import { PLATFORM_ROUTES } from '../contract/routes.ts';
import { backendEnvironment, backendPolicyStatements } from './backend-access.ts';
import type { Backends, HttpBackends } from './backend-settings.ts';
import type { ApiRoute } from './provider-call-api.ts';
import { corsEnvironment } from './provider-call-functions.ts';
import type { Settings } from './settings.ts';
import { SinglePurposeFunction } from './single-purpose-function.ts';

export type PlatformApiFunctionProps = { settings: Settings; backends: Backends };

/** Placeholders for the stand-in's URLs on one machine, filled in by whatever runs the template there. */
const STAND_IN_TO_FILL_IN: HttpBackends = {
  transport: 'http',
  routeUrl: 'http://127.0.0.1:1',
  flowUrl: 'http://127.0.0.1:1',
  callUrl: 'http://127.0.0.1:1',
  auth: { type: 'none' },
};

/**
 * The platform's own endpoints that the specification's tutorial uses, served by the platform stand-in. They use HTTP
 * even if create and reconcile reach the stand-in's managers through a broker.
 */
export class PlatformApiFunction extends SinglePurposeFunction {
  constructor(scope: Construct, id: string, { settings, ...props }: PlatformApiFunctionProps) {
    const backends = props.backends.transport === 'http' ? props.backends : STAND_IN_TO_FILL_IN;
    super(scope, id, {
      settings,
      name: 'platform-api',
      logicalId: 'PlatformApiFunction',
      description: 'Stands in for the providers, flows and calls endpoints of the platform',
      environment: { ...backendEnvironment(backends), ...corsEnvironment(settings) },
      policyStatements: backendPolicyStatements(backends),
      timeoutSeconds: 10,
      memoryMb: 512,
    });
  }

  get routes(): ApiRoute[] {
    return PLATFORM_ROUTES.map(({ method, path }) => ({ method, path, handler: this.live }));
  }
}
