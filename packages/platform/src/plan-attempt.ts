import type { CallCapture, Endpoint } from '@provider-call/sip/call-capture';
import { type InvitePlan, type InvitePlanError, planInvite } from '@provider-call/sip/invite-plan';
import { formatMessage } from '@provider-call/sip/message';
import { quote } from '@provider-call/sip/scanner';
import { formatHostPort } from '@provider-call/sip/uri';
import { deriveUuid } from '../../../functions/uuid.ts';
import type { DialAttempt } from './dialer.ts';

/**
 * Plans the INVITE of an attempt. Skipped tech_headers are not a failure; the plan's notes list them.
 *
 * @throws {InvitePlanError} when the call cannot be placed as requested
 */
export function planAttempt({ provider, source, destination, anonymous }: DialAttempt): InvitePlan {
  const plan = planInvite({ provider, source, destination, anonymous });
  return { ...plan, notes: [...plan.notes, ...skippedNote(plan.skipped)] };
}

function skippedNote(names: string[]): string[] {
  return names.length === 0
    ? []
    : [`Left out of the INVITE: ${names.map((name) => JSON.stringify(name)).join(', ')}`];
}

/**
 * Captures why an attempt has no INVITE, in the form of the response that an edge proxy of ours would have sent: a 400
 * from us to ourselves, with the cause in its reason phrase and a Warning (RFC 3261 §20.43).
 */
export function captureUnplannable(
  capture: CallCapture,
  local: Endpoint,
  { callId, error }: { callId: string; error: InvitePlanError },
): void {
  const agent = formatHostPort({ host: local.address, port: local.port });
  const token = deriveUuid('unplannable', callId).replaceAll('-', '').slice(0, 16);
  const bytes = formatMessage(`SIP/2.0 400 ${error.message}`, [
    { name: 'Via', value: `SIP/2.0/UDP ${agent};branch=z9hG4bK${token}` },
    { name: 'From', value: `<sip:${agent}>;tag=${token}` },
    { name: 'To', value: `<sip:${agent}>;tag=local` },
    { name: 'Call-ID', value: `${token}@${local.address}` },
    { name: 'CSeq', value: '1 INVITE' },
    { name: 'Warning', value: `399 ${agent} ${quote(error.message)}` },
  ]);
  capture.message({ transport: 'udp', source: local, destination: local, bytes });
}
