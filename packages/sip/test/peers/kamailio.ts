import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freeServerPort, portTaken } from './free-port.ts';

export type KamailioOptions = { tcp?: boolean };

export type Kamailio = { host: string; port: number; close(): Promise<void> };

export async function startKamailio(target: string, options: KamailioOptions = {}): Promise<Kamailio> {
  const port = await freeServerPort();
  const folder = await mkdtemp(join(tmpdir(), 'kamailio-'));
  const file = join(folder, 'kamailio.cfg');
  await writeFile(file, configuration(port, target, options));
  const child = spawn('kamailio', ['-DD', '-E', '-f', file, '-Y', folder, '-m', '16', '-M', '4'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (text) => {
    said += text;
  });
  const exited = once(child, 'exit');
  await Promise.race([portTaken(port), exited]);
  if (child.exitCode !== null) throw new Error(`kamailio does not start: ${said}`);
  return {
    host: `127.0.0.1:${port}`,
    port,
    async close() {
      child.kill('SIGTERM');
      await exited;
      await rm(folder, { recursive: true });
    },
  };
}

/** A proxy that stays on the path (Record-Route) and relays every call that it does not reject to `target`. */
function configuration(port: number, target: string, { tcp = false }: KamailioOptions) {
  return `#!KAMAILIO
debug=-1
log_stderror=yes
children=1
auto_aliases=no
${tcp ? `tcp_children=1\nlisten=tcp:127.0.0.1:${port}` : 'disable_tcp=yes'}
listen=udp:127.0.0.1:${port}
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "siputils.so"
loadmodule "auth.so"
request_route {
  if (has_totag()) {
    if (loose_route()) t_relay();
    else if (method == "ACK" && t_check_trans()) t_relay();
    else if (method != "ACK") sl_send_reply("481", "Not Here");
    exit;
  }
  if (method == "CANCEL") {
    if (t_check_trans()) t_relay();
    exit;
  }
  # A number that ends in 00 and a status is rejected with it, 00407 unless the caller knows the password.
  if ($rU =~ "00407$") {
    if (!pv_proxy_authenticate("carrier", "secret", "0")) {
      auth_challenge("carrier", "1");
      exit;
    }
    consume_credentials();
  }
  if ($rU =~ "00403$") {
    sl_send_reply("403", "Forbidden");
    exit;
  }
  if ($rU =~ "00486$") {
    sl_send_reply("486", "Busy Here");
    exit;
  }
  record_route();
  $ru = "sip:phone@${target}";
  t_relay();
}
`;
}
