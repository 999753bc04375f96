import { CallCapture } from '@provider-call/sip/call-capture';
import { planInvite } from '@provider-call/sip/invite-plan';
import { headerValues } from '@provider-call/sip/message';
import { parseMessage } from '@provider-call/sip/parse-message';
import { describe, expect, test } from 'vitest';
import { ScriptedDialog } from '../src/scripted-dialog.ts';
import { createVirtualClock } from '../src/virtual-clock.ts';
import { BEGINNING, provider, tel } from './platform-under-test.ts';

type Script = (dialog: ScriptedDialog) => void;

function answered(dialog: ScriptedDialog): void {
  dialog.invite();
  dialog.progress(100);
  dialog.progress(180);
  dialog.answer();
}

/** Runs a script and returns its messages, parsed as strictly as the SIP stack parses. */
function messagesOf(script: Script, seed = 'call-1', hostname = 'sip.example.com:5070') {
  const capture = new CallCapture(createVirtualClock(BEGINNING));
  const plan = planInvite({
    provider: provider({ hostname, tech_prefix: '99', tech_headers: { 'X-Account': '42' } }),
    source: tel('+14155551234'),
    destination: tel('+15550100'),
    anonymous: 'yes',
  });
  script(new ScriptedDialog({ capture, seed, plan }));
  return capture.snapshot().messages.map((captured) => ({
    ...captured,
    parsed: parseMessage(new TextEncoder().encode(captured.raw)),
  }));
}

test.each<[string, Script]>([
  [
    'an answered call that we end',
    (dialog) => [answered(dialog), dialog.bye('local'), dialog.byeConfirmed('local')],
  ],
  [
    'an answered call that the far end ends',
    (dialog) => [answered(dialog), dialog.bye('remote'), dialog.byeConfirmed('remote')],
  ],
  ['a rejected call', (dialog) => [dialog.invite(), dialog.progress(100), dialog.reject(486)]],
  [
    'a cancelled call',
    (dialog) => [dialog.invite(), dialog.progress(180), dialog.cancel(), dialog.cancelled()],
  ],
])('every message of %s is valid and belongs to one Call-ID', (_, script) => {
  const messages = messagesOf(script);
  expect(new Set(messages.map(({ parsed }) => parsed.callId)).size).toBe(1);
  expect(messages.length).toBeGreaterThan(3);
});

test('the INVITE has what the provider would have received', () => {
  const [invite] = messagesOf(answered);
  expect(invite?.raw).toMatch(/^INVITE sip:99\+15550100@sip\.example\.com:5070;transport=udp SIP\/2\.0\r\n/);
  expect(invite === undefined ? [] : headerValues(invite.parsed, 'X-Account')).toEqual(['42']);
  expect(invite === undefined ? [] : headerValues(invite.parsed, 'P-Asserted-Identity')).toEqual([
    '<tel:+14155551234>',
  ]);
  expect(invite?.raw).toContain('From: "Anonymous" <sip:anonymous@anonymous.invalid>;tag=');
  expect(invite?.raw).toContain('\r\n\r\nv=0\r\n');
});

describe('transactions', () => {
  const branchesOf = (script: Script) =>
    messagesOf(script).map(({ parsed }) => [
      parsed.kind === 'request' ? parsed.method : parsed.status,
      parsed.vias[0].parameters.get('branch'),
    ]);

  test('of a rejection have one branch, its ACK included (RFC 3261 §17.1.1.3)', () => {
    const branches = branchesOf((dialog) => [dialog.invite(), dialog.reject(486)]);
    expect(branches.map(([what]) => what)).toEqual(['INVITE', 486, 'ACK']);
    expect(new Set(branches.map(([, branch]) => branch)).size).toBe(1);
  });

  test('of a CANCEL have the branch of the INVITE (RFC 3261 §9.1)', () => {
    const branches = branchesOf((dialog) => [dialog.invite(), dialog.cancel(), dialog.cancelled()]);
    expect(branches.map(([what]) => what)).toEqual(['INVITE', 'CANCEL', 200, 487, 'ACK']);
    expect(new Set(branches.map(([, branch]) => branch)).size).toBe(1);
  });

  test('of an answer, its ACK and a BYE are three (RFC 3261 §13.2.2.4)', () => {
    const branches = branchesOf((dialog) => [
      answered(dialog),
      dialog.bye('local'),
      dialog.byeConfirmed('local'),
    ]);
    expect(branches.map(([what]) => what)).toEqual(['INVITE', 100, 180, 200, 'ACK', 'BYE', 200]);
    expect(new Set(branches.map(([, branch]) => branch)).size).toBe(3);
  });
});

test('a request of the far end has its tag in From', () => {
  const messages = messagesOf((dialog) => [answered(dialog), dialog.bye('remote')]);
  const ok = messages.find(({ parsed }) => parsed.kind === 'response' && parsed.status === 200);
  const bye = messages.at(-1);
  expect(bye?.parsed.from).toEqual(ok?.parsed.to);
  expect(bye?.parsed.to).toEqual(ok?.parsed.from);
  expect([bye?.source, bye?.destination]).toEqual([ok?.source, ok?.destination]);
});

test('the addresses are those for documentation, or the provider’s own', () => {
  const [invite] = messagesOf(answered);
  expect([invite?.source, invite?.destination]).toEqual([
    { address: '192.0.2.10', port: 5060 },
    { address: '198.51.100.20', port: 5070 },
  ]);
  expect(messagesOf(answered, 'call-1', '203.0.113.7')[0]?.destination).toEqual({
    address: '203.0.113.7',
    port: 5060,
  });
});

test('the same seed repeats every message, another one none', () => {
  const rawOf = (seed: string) => messagesOf(answered, seed).map(({ raw }) => raw);
  expect(rawOf('call-1')).toEqual(rawOf('call-1'));
  const others = new Set(rawOf('call-2'));
  expect(rawOf('call-1').filter((raw) => others.has(raw))).toEqual([]);
});
