import {
  createPlatformClient,
  createProviderCallClient,
  type PlatformClient,
  type ProviderCallClient,
  type Retry,
} from '@provider-call/client';
import { type Configuration, readConfiguration } from './configuration.ts';
import { wasNeverSent } from './describe-error.ts';
import { plainLine } from './plain-text.ts';
import { processTerminal, type Terminal } from './terminal.ts';

/** Everything that a command needs. */
export type Session = {
  terminal: Terminal;
  configuration: Configuration;
  providerCalls: ProviderCallClient;
  platform: PlatformClient;
  /** Whether a request that places calls may have reached the API although it failed. */
  mayHaveReachedApi(error: unknown): boolean;
};

/** Opens a session from the environment. */
export async function openSession(terminal: Terminal = processTerminal()): Promise<Session> {
  const configuration = await readConfiguration(process.env);
  let lostConnections = 0;
  const onRetry = ({ method, error, delayMs }: Retry) => {
    if (method !== 'POST') return;
    if (!wasNeverSent(error)) lostConnections += 1;
    terminal.note(`${plainLine(error.message)}; sending the same request again in ${delayMs} ms`);
  };
  const options = { ...configuration.credential, onRetry };
  return {
    terminal,
    configuration,
    providerCalls: createProviderCallClient({ ...options, baseUrl: configuration.url }),
    platform: createPlatformClient({ ...options, baseUrl: configuration.platformUrl }),
    mayHaveReachedApi: (error) => lostConnections > 0 || (error instanceof Error && !wasNeverSent(error)),
  };
}
