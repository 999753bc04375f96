import { describe, expect, test } from 'vitest';
import { Dialog } from '../src/dialog.ts';
import { headerValues } from '../src/message.ts';
import { SipSyntaxError } from '../src/scanner.ts';
import { outgoingRequest, responseTo } from './outgoing-fixture.ts';

const LOCAL = { address: '192.0.2.1', port: 5_060 };
function dialogOf(...lines: string[]) {
  return Dialog.ofClient(outgoingRequest('INVITE'), responseTo('INVITE', 200, ...lines));
}

describe('a dialog', () => {
  test('numbers its requests from the INVITE on, and ACK as its INVITE', () => {
    const dialog = dialogOf('Contact: <sip:them@192.0.2.9>');
    const cseqs = ['ACK', 'OPTIONS', 'BYE'].map((method) => {
      const { cseq, headers } = dialog.createRequest(method, LOCAL, 'udp');
      return [cseq, headerValues({ headers }, 'CSeq')];
    });
    expect(cseqs).toEqual([
      [7, ['7 ACK']],
      [8, ['8 OPTIONS']],
      [9, ['9 BYE']],
    ]);
  });

  test('keeps our Call-ID and tags whatever the response says', () => {
    const response = responseTo('INVITE', 200, 'Contact: <sip:them@192.0.2.9>');
    const dialog = Dialog.ofClient(outgoingRequest('INVITE'), { ...response, callId: 'foreign' });
    const { headers } = dialog.createRequest('BYE', LOCAL, 'udp');
    expect(['Call-ID', 'From', 'To'].map((name) => headerValues({ headers }, name))).toEqual([
      ['call'],
      ['<sip:us@192.0.2.1>;tag=ours'],
      ['<sip:them@192.0.2.2>;tag=theirs'],
    ]);
  });

  test.each([
    ['no Record-Route', [], 'sip:them@192.0.2.9', [], '192.0.2.9'],
    [
      'loose routers',
      ['<sip:far;lr>, <sip:near;lr>'],
      'sip:them@192.0.2.9',
      ['<sip:near;lr>', '<sip:far;lr>'],
      'near',
    ],
    ['a strict router', ['<sip:near>'], 'sip:near', ['<sip:them@192.0.2.9>'], 'near'],
  ])('with %s is routed as RFC 3261 §12.2.1.1 says', (_what, routes, uri, expected, host) => {
    const dialog = dialogOf(
      'Contact: <sip:them@192.0.2.9?X=1>',
      ...routes.map((route) => `Record-Route: ${route}`),
    );
    const request = dialog.createRequest('BYE', LOCAL, 'udp');
    expect([request.uri, headerValues(request, 'Route'), dialog.nextHop().host]).toEqual([
      uri,
      expected,
      host,
    ]);
  });

  test('without a Contact sends requests to where the INVITE went', () => {
    expect(dialogOf().createRequest('BYE', LOCAL, 'udp').uri).toBe('sip:them@192.0.2.2');
  });

  test('follows a Contact that moves', () => {
    const dialog = dialogOf('Contact: <sip:them@192.0.2.9>');
    dialog.refreshTarget(responseTo('INVITE', 200, 'Contact: <sip:moved@192.0.2.8>'));
    dialog.refreshTarget(responseTo('INVITE', 200));
    expect(dialog.createRequest('BYE', LOCAL, 'udp').uri).toBe('sip:moved@192.0.2.8');
  });
});

describe('a next hop', () => {
  test.each([
    ['sip:a@b.example', { host: 'b.example', transport: 'udp' }],
    ['sip:a@b.example:5070;transport=TCP', { host: 'b.example', port: 5_070, transport: 'tcp' }],
    ['sip:a@b.example;transport=tls', { host: 'b.example', transport: 'tls' }],
    ['sips:a@b.example', { host: 'b.example', transport: 'tls' }],
    ['sips:a@b.example;transport=tcp', { host: 'b.example', transport: 'tls' }],
    ['sip:a@b.example;maddr=192.0.2.9', { host: '192.0.2.9', transport: 'udp' }],
  ])('of %s is found', (uri, expected) => {
    expect(dialogOf(`Contact: <${uri}>`).nextHop()).toEqual(expected);
  });

  test.each(['sip:a@b.example;transport=ws', 'sips:a@b.example;transport=udp'])(
    'of %s does not exist',
    (uri) => {
      expect(() => dialogOf(`Contact: <${uri}>`).nextHop()).toThrow(SipSyntaxError);
    },
  );
});
