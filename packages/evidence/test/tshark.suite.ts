import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pcapOf, type SipMessage } from '../src/index.ts';
import { microsecondsOf } from '../src/instant.ts';
import { SCENARIOS } from './scenarios.ts';

const FIELDS = ['frame.time_epoch', 'ip.src', 'ipv6.src', 'udp.srcport', 'ip.dst', 'ipv6.dst', 'udp.dstport'];
const SIP_FIELDS = [
  'sip.Method',
  'sip.Status-Code',
  'sip.Call-ID',
  'ip.checksum.status',
  'udp.checksum.status',
  'udp.payload',
];
const CHECKSUMS = ['ip.check_checksum:TRUE', 'udp.check_checksum:TRUE'];
const GOOD = '1';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'evidence-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** What tshark reads from the capture: a row of fields for each packet. */
function dissect(messages: SipMessage[]): string[][] {
  const file = join(folder, 'call.pcap');
  writeFileSync(file, pcapOf(messages));
  const options = CHECKSUMS.flatMap((option) => ['-o', option]);
  const fields = [...FIELDS, ...SIP_FIELDS].flatMap((field) => ['-e', field]);
  const { stdout, status } = spawnSync('tshark', ['-r', file, ...options, '-T', 'fields', ...fields], {
    encoding: 'utf8',
    maxBuffer: 100_000_000,
  });
  expect(status).toBe(0);
  return stdout
    .trimEnd()
    .split('\n')
    .map((row) => row.split('\t'));
}

function expectedRow(message: SipMessage): string[] {
  const { timestamp, method, src_ip, src_port, dst_ip, dst_port, raw } = message;
  const isIPv6 = src_ip.includes(':');
  const time = microsecondsOf(timestamp) ?? Number.NaN;
  const seconds = `${Math.floor(time / 1_000_000)}.${String(time % 1_000_000).padStart(6, '0')}000`;
  const isResponse = /^\d/.test(method);
  return [
    seconds,
    ...(isIPv6 ? ['', src_ip] : [src_ip, '']),
    String(src_port),
    ...(isIPv6 ? ['', dst_ip] : [dst_ip, '']),
    String(dst_port),
    ...(isResponse ? ['', method] : [method, '']),
    /^Call-ID: (.*)\r$/m.exec(raw)?.[1] ?? '',
    isIPv6 ? '' : GOOD,
    GOOD,
    Buffer.from(raw, 'utf8').toString('hex'),
  ];
}

const RECORDED = new URL('fixtures/', import.meta.url);
const fixtures = readdirSync(RECORDED).filter((name) => name.endsWith('.json'));

test.each(fixtures)('tshark reads the same messages, addresses and times from %s', (name) => {
  const { sip_messages }: { sip_messages: SipMessage[] } = JSON.parse(
    readFileSync(new URL(name, RECORDED), 'utf8'),
  );
  expect(dissect(sip_messages)).toEqual(sip_messages.map(expectedRow));
});

test('tshark reads the same from every scenario, over IPv4 and IPv6, and from ports that are not 5060', () => {
  const messages = Object.values(SCENARIOS).flatMap((scenario) => scenario.messages);
  const others = messages.map((message) => ({
    ...message,
    ...{ src_ip: '2001:db8::1', src_port: 41_234, dst_ip: '2001:db8::2', dst_port: 15_071 },
  }));
  const all = [...messages, ...others];
  expect(dissect(all)).toEqual(all.map(expectedRow));
});

test('tshark reads messages that travelled over TCP and TLS, written as UDP', () => {
  const messages = (SCENARIOS['busy']?.messages ?? []).map((message) => ({
    ...message,
    dst_port: 5_061,
    raw: message.raw.replace('SIP/2.0/UDP', 'SIP/2.0/TLS'),
  }));
  expect(dissect(messages)).toEqual(messages.map(expectedRow));
});
