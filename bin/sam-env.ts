import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { dirname } from 'node:path';
import { functionsOf } from '@provider-call/local/control';
import { AMQP_URL, parseEnvironment } from '@provider-call/local/environment';
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
sam local invoke CreateFunction -t cdk.out/provider-call-local.template.json -n cdk.out/env.json -e events/create-provider-call.json

Behind a broker (AMQP_URL, or backend URLs with amqp), the template has to be synthesized with amqp URLs too, and the file
holds the broker's password.`;
/** RabbitMQ lets the user `guest` in from the loopback only: https://www.rabbitmq.com/docs/access-control#loopback-users */
const LOOPBACK_USERS = ['', 'guest'];

await runScript(USAGE, ['address', 'output'], async ({ options, positionals }) => {
  if (positionals.length > 0) throw new UsageError(`"${positionals[0]}" is not an option; see --help`);
  const { address = containerHostAddress(), output = 'cdk.out/env.json' } = options;
  const { host, functions } = await functionsOf(parseEnvironment(process.env).PORT);
  if (host.startsWith('127.') || host === '::1') {
    const wanted = isIP(address) > 0 ? address : '0.0.0.0';
    throw new UsageError(
      `containers cannot reach ${host}: start the system again with HOST=${wanted} npm start`,
    );
  }
  const values = Object.values(functions).flatMap((variables) => Object.values(variables));
  const overAmqp = values.some((value) => AMQP_URL.test(value));
  // Docker Desktop's name leads to the loopback itself.
  if (isIP(address) > 0 && values.some((value) => isLoopbackUser(value, host))) {
    throw new UsageError(
      `RabbitMQ accepts guest from the loopback only, which containers are not on: start the system again with another user in the broker's URL`,
    );
  }
  const file = Object.fromEntries(
    Object.entries(functions).map(([logicalId, variables]) => [
      logicalId,
      Object.fromEntries(
        Object.entries(variables).map(([name, value]) => [name, atAddress(value, host, address)]),
      ),
    ]),
  );
  mkdirSync(dirname(output), { recursive: true });
  // A broker's password may be in it, so it is nobody else's to read, whoever could read an earlier one.
  rmSync(output, { force: true });
  writeFileSync(output, `${JSON.stringify(file, null, 2)}\n`, { mode: 0o600 });
  console.log(
    `${output} leads to ${address}${overAmqp ? ', for a template synthesized with amqp URLs' : ''}`,
  );
});

/** Returns this machine's address on Docker's default bridge. */
function containerHostAddress(): string {
  const bridge = networkInterfaces()['docker0']?.find(({ family }) => family === 'IPv4');
  return bridge?.address ?? 'host.docker.internal';
}

/** Returns a URL of this machine with the address that containers use, and any other value unchanged. */
function atAddress(value: string, host: string, address: string): string {
  const url = ownUrl(value, host);
  if (url === null) return value;
  url.hostname = address;
  return url.href.replace(/\/$/, '');
}

function isLoopbackUser(value: string, host: string): boolean {
  const url = ownUrl(value, host);
  return url !== null && AMQP_URL.test(url.protocol) && LOOPBACK_USERS.includes(url.username);
}

/** Returns the value if it is a URL of a server on this machine. */
function ownUrl(value: string, host: string): URL | null {
  const url = URL.parse(value);
  const own = [host, '127.0.0.1', '[::1]', 'localhost'];
  return url !== null && /^(https?|amqps?):$/.test(url.protocol) && own.includes(url.hostname) ? url : null;
}
