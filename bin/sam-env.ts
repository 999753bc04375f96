import { mkdirSync, writeFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { dirname } from 'node:path';
import { functionsOf } from '@provider-call/local/control';
import { parseEnvironment } from '@provider-call/local/environment';
import { runScript, UsageError } from './run-script.ts';

const USAGE = `Writes the variables with which functions in SAM's containers reach the local system that serves PORT.

npm run -s sam:env -- [--address ADDRESS] [--output FILE]

  --address   of this machine as a container sees it; by default that of the interface docker0 (Linux), else
              host.docker.internal (Docker Desktop)
  --output    cdk.out/env.json by default

SAM runs each function in a container on Docker's default bridge, whatever --docker-network says, so the system must
listen on an address that the bridge leads to, not on the loopback:

HOST=172.17.0.1 npm start
npm run -s sam:env
sam local invoke CreateFunction -t cdk.out/provider-call-local.template.json -n cdk.out/env.json -e events/create-provider-call.json`;

await runScript(USAGE, ['address', 'output'], async ({ options, positionals }) => {
  if (positionals.length > 0) throw new UsageError(`"${positionals[0]}" is not an option; see --help`);
  const { address = containerHostAddress(), output = 'cdk.out/env.json' } = options;
  const { host, variables } = await functionsOf(parseEnvironment(process.env).PORT);
  if (host.startsWith('127.') || host === '::1') {
    const wanted = /^[\d.]+$/.test(address) ? address : '0.0.0.0';
    throw new UsageError(
      `containers cannot reach ${host}: start the system again with HOST=${wanted} npm start`,
    );
  }
  const parameters = Object.fromEntries(
    Object.entries(variables).map(([name, value]) => [name, atAddress(value, host, address)]),
  );
  mkdirSync(dirname(output), { recursive: true });
  writeFileSync(output, `${JSON.stringify({ Parameters: parameters }, null, 2)}\n`);
  console.log(`${output} leads to ${address}`);
});

/** Returns this machine's address on Docker's default bridge. */
function containerHostAddress(): string {
  const bridge = networkInterfaces()['docker0']?.find(({ family }) => family === 'IPv4');
  return bridge?.address ?? 'host.docker.internal';
}

/** Returns a URL of the local system with the address that containers use, and any other value unchanged. */
function atAddress(value: string, host: string, address: string): string {
  const url = URL.parse(value);
  const own = [host, '127.0.0.1', '[::1]'];
  if (url === null || !/^https?:$/.test(url.protocol) || !own.includes(url.hostname)) return value;
  return `${url.protocol}//${address}:${url.port}${url.pathname === '/' ? '' : url.pathname}`;
}
