import type { Construct } from 'constructs';
import { PLATFORM_ROUTES } from '../contract/routes.ts';
import { backendEnvironment, mayCallBackends } from './backend-access.ts';
import type { Route } from './provider-call-api.ts';
import { corsEnvironment } from './provider-call-functions.ts';
import type { Backends, Settings } from './settings.ts';
import { SinglePurposeFunction } from './single-purpose-function.ts';

export type PlatformApiProps = { settings: Settings; backends: Backends };

/** The platform's own endpoints that the specification's tutorial uses, answered by the stand-in. */
export class PlatformApiFunction extends SinglePurposeFunction {
  constructor(scope: Construct, id: string, { settings, backends }: PlatformApiProps) {
    super(scope, id, {
      settings,
      name: 'platform-api',
      description: 'Stands in for the providers, flows and calls endpoints of the platform',
      environment: { ...backendEnvironment(backends), ...corsEnvironment(settings) },
      may: mayCallBackends(backends),
      timeoutSeconds: 10,
      memoryMb: 512,
    });
  }

  get routes(): Route[] {
    const to = this.live;
    return PLATFORM_ROUTES.map(({ method, path }) => [method, path, to]);
  }
}
