import type { Construct } from 'constructs';
import { PLATFORM_ROUTES } from '../contract/routes.ts';
import { backendEnvironment, backendPolicyStatements } from './backend-access.ts';
import type { ApiRoute } from './provider-call-api.ts';
import { corsEnvironment } from './provider-call-functions.ts';
import type { Backends, Settings } from './settings.ts';
import { SinglePurposeFunction } from './single-purpose-function.ts';

export type PlatformApiFunctionProps = { settings: Settings; backends: Backends };

/** The platform's own endpoints that the specification's tutorial uses, served by the platform stand-in. */
export class PlatformApiFunction extends SinglePurposeFunction {
  constructor(scope: Construct, id: string, { settings, backends }: PlatformApiFunctionProps) {
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
