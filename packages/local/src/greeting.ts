import { defaultSeed, SEED_IDS } from '@provider-call/platform/seed';
import type { LocalSystem } from './start.ts';

/** The number that the examples call, through the seeded provider that answers. It is the specification's own. */
const NUMBER = '+821012345678';
const SOURCE = '+14155551234';
const PROVIDER_ID = SEED_IDS.providers.answers;

/** Where the `providercall` command looks for the API unless it is told otherwise. */
const DEFAULT_URL = 'http://127.0.0.1:3000';

/** Numbers for which the demo carrier behaves differently, through whichever provider they are called. */
const DEMO_NUMBERS: readonly (readonly [number: string, behaviour: string])[] = [
  [NUMBER, 'Answered; the carrier hangs up after 10 seconds.'],
  ['+82101200200', 'Answered; the carrier waits to be hung up.'],
  ['+82101200486', 'Busy (486).'],
  ['+82101200603', 'Declined (603).'],
  ['+82101200503', 'The carrier is out of service (503).'],
  ['+82101200180', 'Rings and is never answered.'],
  ['+82101200407', 'Requires a password: the provider’s auth_username and auth_password must be demo, demo.'],
];

/** Returns what `npm start` prints once it serves: where everything is, numbers to call, and commands to paste. */
export function greeting(system: LocalSystem): string {
  const { url, platformUrl, brokerUrls, dynamodbEndpoint, secretsManagerEndpoint, token } = system;
  const providercall = `${url === DEFAULT_URL ? '' : `PROVIDERCALL_URL=${url} `}npx providercall`;
  return [
    `Console  ${url}/#token=${token}`,
    `API      ${url}/v1.0, reference at ${url}/docs`,
    `Behind   DynamoDB ${dynamodbEndpoint}, Secrets Manager ${secretsManagerEndpoint}, platform stand-in ${platformUrl}`,
    ...brokerUrls.map((brokerUrl) => `RabbitMQ ${brokerUrl}, between the functions and the managers`),
    `Token    of a super-admin, until ${system.tokenExpiresAt.toISOString().slice(0, 16).replace('T', ' ')} UTC; others by npm run -s token -- --help`,
    ...exposure(system),
    '',
    ...peers(system),
    '',
    system.hasDevelopmentKey ? 'Commands:' : 'Commands, with the same JWT_KEY in their environment:',
    `  ${providercall} call --provider Answers ${NUMBER} --from ${SOURCE} --say "Hello"`,
    `  ${providercall} list`,
    `  ${providercall} providers list`,
    '',
    'Or paste into a shell: place a call, follow it to its end, place one that is busy, list, get, delete',
    '',
    ...curlCommands(url, token),
    '',
  ].join('\n');
}

/** Returns a warning if the system can be reached from other machines. */
function exposure({ host }: LocalSystem): string[] {
  if (host.startsWith('127.') || host === '::1') return [];
  return [
    '',
    `WARNING  HOST=${host}: whoever reaches this address reaches the API and, without any credential, the tables, the`,
    '         signing key and the platform stand-in. Use it only on a network that you trust.',
  ];
}

/** Returns a table of the seeded providers, by id, and of the numbers with special behaviour. */
function peers({ carrier }: LocalSystem): string[] {
  const providers = defaultSeed().providers.map(({ name, id, detail }) => [name, id, detail]);
  const numbers = DEMO_NUMBERS.map(([number, behaviour]) => ['Answers', number, behaviour]);
  const rows = [['PROVIDER', 'ID, OR NUMBER TO CALL', 'WHAT HAPPENS'], ...providers, ...numbers];
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return [
    ...rows.map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`),
    ...(carrier === undefined
      ? []
      : [`  All of them are one SIP carrier on this machine, at ${carrier} (UDP).`]),
  ].map((line) => line.trimEnd());
}

/**
 * Commands for a POSIX shell, to be pasted one after another or all at once: they take the ids from the responses, need
 * only curl and sed, and contain no comments, which an interactive zsh would take for commands.
 */
function curlCommands(url: string, token: string): string[] {
  const authorization = '-H "Authorization: Bearer $TOKEN"';
  const json = "-H 'Content-Type: application/json'";
  const create = (request: object) =>
    `curl -sS -X POST "$API/providercalls" ${authorization} ${json} -d '${JSON.stringify({
      source: { type: 'tel', target: SOURCE },
      destinations: [{ type: 'tel', target: NUMBER }],
      ...request,
    })}'`;
  const actions = [
    { type: 'answer' },
    { type: 'talk', option: { text: 'This is a provider verification call.', language: 'en-US' } },
    { type: 'hangup' },
  ];
  return [
    `API=${url}/v1.0`,
    `TOKEN=${token}`,
    '',
    `CREATED=$(${create({ provider_id: PROVIDER_ID, actions })}); printf '%s\\n' "$CREATED"`,
    `ID=$(printf '%s' "$CREATED" | sed 's/^{"id":"\\([^"]*\\)".*/\\1/')`,
    `CALL_ID=$(printf '%s' "$CREATED" | sed 's/.*"call_ids":\\["\\([^"]*\\)".*/\\1/')`,
    '',
    `while CALL=$(curl -sS "$API/calls/$CALL_ID" ${authorization}); do case $CALL in *'"status":"hangup"'* | *'"error"'*) break ;; esac; sleep 1; done; printf '%s\\n' "$CALL"`,
    '',
    `${create({ provider_id: SEED_IDS.providers.busy })}; echo`,
    '',
    `curl -sS "$API/providercalls?provider_id=${PROVIDER_ID}&page_size=10" ${authorization}; echo`,
    '',
    `curl -sS "$API/providercalls/$ID" ${authorization}; echo`,
    '',
    `curl -sS -X DELETE "$API/providercalls/$ID" ${authorization}; echo`,
  ];
}
