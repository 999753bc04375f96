import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { freeServerPort, portTaken } from './free-port.ts';

export type Dnsmasq = { address: string; close(): Promise<void> };

export type DnsmasqZone = {
  /** `host,port,priority,weight` by service name; an empty host for "no such service". */
  srv?: [service: string, target: string][];
  addresses?: [name: string, address: string][];
};

/** A name server of our own, which knows nothing but the zone. */
export async function startDnsmasq(zone: DnsmasqZone): Promise<Dnsmasq> {
  const port = await freeServerPort();
  const child = spawn(
    'dnsmasq',
    [
      ...['--no-daemon', '--conf-file=/dev/null', '--no-hosts', '--no-resolv', '--pid-file'],
      ...[`--port=${port}`, '--listen-address=127.0.0.1', '--bind-interfaces', '--user=root'],
      ...(zone.srv ?? []).map(
        ([service, target]) => `--srv-host=${service}${target === '' ? '' : `,${target}`}`,
      ),
      ...(zone.addresses ?? []).map(([name, address]) => `--host-record=${name},${address}`),
    ],
    { stdio: 'ignore' },
  );
  const exited = once(child, 'exit');
  await Promise.race([portTaken(port), exited]);
  if (child.exitCode !== null) throw new Error(`dnsmasq does not start (${child.exitCode})`);
  return {
    address: `127.0.0.1:${port}`,
    async close() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
