import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freeServerPort, portTaken } from './free-port.ts';

export type AnswerMode = 'auto' | 'manual' | 'early';

export type Baresip = {
  host: string;
  /** Runs a command of baresip's menu, such as `hangup`. */
  command(name: string, parameters?: string): Promise<void>;
  close(): Promise<void>;
};

/** A phone that answers at once, rings until it is told to answer, or plays early media. */
export async function startBaresip(answerMode: AnswerMode): Promise<Baresip> {
  const [port, controlPort] = [await freeServerPort(), await freeServerPort()];
  const folder = await mkdtemp(join(tmpdir(), 'baresip-'));
  await writeFile(join(folder, 'config'), configuration(port, controlPort));
  await writeFile(
    join(folder, 'accounts'),
    `<sip:phone@127.0.0.1:${port}>;regint=0;answermode=${answerMode}\n`,
  );
  await writeFile(join(folder, 'contacts'), '');
  const child = spawn('baresip', ['-4', '-f', folder], {
    cwd: folder,
    env: { ...process.env, HOME: folder },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (text) => {
      output += text;
    });
  }
  const exited = once(child, 'exit');
  await Promise.race([portTaken(port), exited]);
  if (child.exitCode !== null) throw new Error(`baresip does not start: ${output}`);
  return {
    host: `127.0.0.1:${port}`,
    command: (name, parameters) => control(controlPort, name, parameters),
    async close() {
      child.kill('SIGKILL');
      await exited;
      await rm(folder, { recursive: true });
    },
  };
}

function configuration(port: number, controlPort: number): string {
  return `sip_listen 127.0.0.1:${port}
net_interface 127.0.0.1
module_path /usr/lib/baresip/modules
audio_source aubridge,sink
audio_player aubridge,sink
audio_alert aubridge,sink
ctrl_tcp_listen 127.0.0.1:${controlPort}
call_local_timeout 120
module g711.so

module aubridge.so
module_tmp account.so
module_app ctrl_tcp.so
module_app menu.so
`;
}

/** Sends one command as a netstring of JSON; the control port opens a little after the SIP port. */
async function control(port: number, command: string, parameters = ''): Promise<void> {
  const json = JSON.stringify({ command, params: parameters, token: 'test' });
  for (let attempt = 0; ; attempt += 1) {
    const socket = connect(port, '127.0.0.1');
    try {
      await once(socket, 'connect');
    } catch (error) {
      if (attempt === 100) throw error;
      await delay(20);
      continue;
    }
    socket.write(`${Buffer.byteLength(json)}:${json},`);
    await once(socket, 'data');
    socket.destroy();
    return;
  }
}
