import {
  type CreateProviderCall,
  type Provider,
  type RequestWarning,
  warningsOf,
} from '@provider-call/client';
import { InvitePlanError, planInvite } from '@provider-call/sip/invite-plan';
import { EXIT } from './cli-error.ts';
import type { CallInput } from './commands/call.ts';
import { healthOf } from './commands/providers.ts';
import { findProvider } from './find.ts';
import { plainLine } from './plain-text.ts';
import type { Session } from './session.ts';

/** The contents of a destination's INVITE, or why there would be none. A group has neither: its members decide. */
type Preview = { destination: string } | InvitePreview | { destination: string; fault: string };

type InvitePreview = {
  destination: string;
  requestUri: string;
  from: string;
  headers: string[];
  skippedHeaders: string[];
};

/**
 * Checks everything that can be checked without placing a call, and prints the request and the INVITEs that would
 * result.
 */
export async function previewCalls(
  session: Session,
  request: CreateProviderCall,
  input: CallInput,
): Promise<number> {
  const { terminal, providerCalls } = session;
  // The cheapest request that needs the same credential.
  await providerCalls.listProviderCalls({ pageSize: 1 });
  const provider = await findProvider(session, request.provider_id);
  const warnings = warningsOf(request);
  const previews = request.destinations.map((destination) => previewOf(provider, request, destination));

  if (input.json) {
    terminal.print(JSON.stringify({ request, provider, warnings, invites: previews }, null, 2));
  } else {
    printProvider(session, provider);
    terminal.print('credential  accepted');
    for (const preview of previews) printPreview(session, preview);
    printWarnings(session, warnings);
    terminal.print(`request     POST ${session.configuration.url}/providercalls`);
    terminal.print(JSON.stringify(request, null, 2));
    terminal.print('Nothing was dialled.');
  }
  if (provider.tm_delete !== null || previews.some((preview) => 'fault' in preview)) return EXIT.refused;
  return warnings.length > 0 && !input.yes ? EXIT.usage : EXIT.ok;
}

function previewOf(
  provider: Provider,
  { source, anonymous = 'auto' }: CreateProviderCall,
  destination: CreateProviderCall['destinations'][number],
): Preview {
  const name = plainLine(destination.target);
  if (destination.type !== 'tel' && destination.type !== 'sip') {
    return { destination: name };
  }
  try {
    const plan = planInvite({
      provider,
      source: source === null || source === undefined ? null : { target_name: '', ...source },
      destination: { target_name: '', ...destination },
      anonymous,
    });
    return {
      destination: name,
      requestUri: plan.requestUri,
      from: plan.from,
      headers: plan.headers.map(({ name: header, value }) => `${header}: ${value}`),
      skippedHeaders: plan.skipped,
    };
  } catch (error) {
    if (error instanceof InvitePlanError) return { destination: name, fault: error.message };
    throw error;
  }
}

function printProvider({ terminal }: Session, provider: Provider): void {
  const { id, name, hostname, tm_delete } = provider;
  const state = tm_delete === null ? healthOf(provider) : 'deleted: the API rejects calls through it';
  terminal.print(`provider    ${plainLine(name)} (${id}), ${plainLine(hostname)}, ${plainLine(state)}`);
}

function printPreview({ terminal }: Session, preview: Preview): void {
  terminal.print(preview.destination);
  if ('fault' in preview) {
    terminal.print(`  would fail: ${plainLine(preview.fault)}`);
    return;
  }
  if (!('requestUri' in preview)) {
    terminal.print('  rings a group: its members decide what is dialled');
    return;
  }
  const { requestUri, from, headers, skippedHeaders } = preview;
  terminal.print(`  Request-URI: ${plainLine(requestUri)}`);
  terminal.print(`  From: ${plainLine(from)}`);
  for (const header of headers) terminal.print(`  ${plainLine(header)}`);
  if (skippedHeaders.length > 0) {
    terminal.print(`  left out of tech_headers: ${plainLine(skippedHeaders.join(', '))}`);
  }
}

function printWarnings({ terminal }: Session, warnings: RequestWarning[]): void {
  for (const { message } of warnings)
    terminal.print(`${terminal.style('yellow', 'warning')}     ${plainLine(message)}`);
}
