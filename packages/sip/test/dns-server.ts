import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { SrvRecord } from '../src/locate-server.ts';

/** What the name server knows: SRV records and IPv4 addresses by name. */
export type Zone = { srv?: Record<string, SrvRecord[]>; addresses?: Record<string, string[]> };

export type DnsServer = { address: string; questions: string[]; close(): void };

const TYPE_A = 1;
const TYPE_SRV = 33;

/** A name server on a port of its own (RFC 1035, RFC 2782), so that Node's real resolver has somebody to ask. */
export async function startDnsServer(zone: Zone): Promise<DnsServer> {
  const socket = createSocket('udp4');
  const questions: string[] = [];
  socket.on('message', (query, from) => {
    const { end, name, type } = readQuestion(query);
    questions.push(`${type === TYPE_SRV ? 'SRV' : type === TYPE_A ? 'A' : type} ${name}`);
    const answers = answersFor(zone, name, type);
    const isKnown = [zone.srv, zone.addresses].some(
      (names) => names !== undefined && Object.hasOwn(names, name),
    );
    const head = Buffer.alloc(12);
    query.copy(head, 0, 0, 2);
    head.writeUInt16BE(0x8580 | (isKnown ? 0 : 3), 2);
    head.writeUInt16BE(1, 4);
    head.writeUInt16BE(answers.length, 6);
    socket.send(Buffer.concat([head, query.subarray(12, end), ...answers]), from.port, from.address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return { address: `127.0.0.1:${socket.address().port}`, questions, close: () => socket.close() };
}

function readQuestion(query: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query.readUInt8(at); length > 0; length = query.readUInt8(at)) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.'), type: query.readUInt16BE(at + 1), end: at + 5 };
}

function answersFor(zone: Zone, name: string, type: number): Buffer[] {
  if (type === TYPE_A) {
    return (zone.addresses?.[name] ?? []).map((address) =>
      record(type, Buffer.from(address.split('.').map(Number))),
    );
  }
  if (type !== TYPE_SRV) return [];
  return (zone.srv?.[name] ?? []).map((srv) => {
    const numbers = Buffer.alloc(6);
    numbers.writeUInt16BE(srv.priority, 0);
    numbers.writeUInt16BE(srv.weight, 2);
    numbers.writeUInt16BE(srv.port, 4);
    return record(type, Buffer.concat([numbers, encodeName(srv.name)]));
  });
}

function record(type: number, data: Buffer): Buffer {
  const head = Buffer.alloc(12);
  // The name is the question's.
  head.writeUInt16BE(0xc00c, 0);
  head.writeUInt16BE(type, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
}

function encodeName(name: string): Buffer {
  const labels = name.split('.').filter((label) => label !== '');
  return Buffer.concat([
    ...labels.map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)])),
    Buffer.from([0]),
  ]);
}
