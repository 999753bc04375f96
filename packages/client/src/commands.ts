import { type CreateProviderCall, NIL_UUID } from './provider-call-client.ts';

export type CommandInput = {
  /** With the version prefix, such as `http://127.0.0.1:3000/v1.0`. */
  baseUrl: string;
  request: CreateProviderCall;
  /** Makes the command safe to repeat. */
  idempotencyKey: string;
};

/** Returns a request as a curl command for a POSIX shell, which takes the token from `$TOKEN`. */
export function curlCommand({ baseUrl, request, idempotencyKey }: CommandInput): string {
  return [
    `curl -sS -X POST ${quoteForShell(`${baseUrl}/providercalls`)}`,
    '-H "Authorization: Bearer $TOKEN"',
    "-H 'Content-Type: application/json'",
    `-H ${quoteForShell(`Idempotency-Key: ${idempotencyKey}`)}`,
    `-d ${quoteForShell(JSON.stringify(request))}`,
  ].join(' \\\n  ');
}

/** Returns a request as a PowerShell command, which takes the token from `$env:TOKEN`. */
export function powerShellCommand({ baseUrl, request, idempotencyKey }: CommandInput): string {
  return [
    `Invoke-RestMethod -Method Post -Uri ${quoteForPowerShell(`${baseUrl}/providercalls`)}`,
    `-Headers @{ Authorization = "Bearer $env:TOKEN"; 'Idempotency-Key' = ${quoteForPowerShell(idempotencyKey)} }`,
    "-ContentType 'application/json; charset=utf-8'",
    // Windows PowerShell 5 would send a string as Latin-1.
    `-Body ([Text.Encoding]::UTF8.GetBytes(${quoteForPowerShell(JSON.stringify(request))}))`,
  ].join(' `\n  ');
}

/** Returns a request as a `providercall call` command. It has no option for the names of addresses, so they are left out. */
export function providercallCommand({
  request,
  idempotencyKey,
  provider = request.provider_id,
}: Omit<CommandInput, 'baseUrl'> & {
  /** The provider's name, used instead of its id. */
  provider?: string;
}): string {
  const { source, destinations, actions = [], anonymous = 'auto', flow_id } = request;
  const say = sayTextOf(actions);
  const words = [
    ...['providercall', 'call', '--provider', provider],
    ...(source === null || source === undefined ? [] : ['--from', addressArgument(source)]),
    ...(anonymous === 'auto' || anonymous === '' ? [] : ['--anonymous', anonymous]),
    ...(flow_id === undefined || flow_id === NIL_UUID ? [] : ['--flow', flow_id]),
    ...(say !== undefined
      ? ['--say', say]
      : actions.length > 0
        ? ['--actions', JSON.stringify(actions)]
        : []),
    ...['--idempotency-key', idempotencyKey],
    ...destinations.map(addressArgument),
  ];
  return words.map(quoteForShell).join(' ');
}

/** Returns the actions that `providercall call --say TEXT` stands for. */
export function sayActions(text: string): NonNullable<CreateProviderCall['actions']> {
  return [{ type: 'answer' }, { type: 'talk', option: { text, language: 'en-US' } }, { type: 'hangup' }];
}

function sayTextOf(actions: NonNullable<CreateProviderCall['actions']>): string | undefined {
  const text = actions[1]?.option?.['text'];
  return typeof text === 'string' && JSON.stringify(actions) === JSON.stringify(sayActions(text))
    ? text
    : undefined;
}

/** Returns a number unchanged, and any other address as `type:target`. */
function addressArgument({ type, target }: { type: string; target: string }): string {
  return type === 'tel' ? target : `${type}:${target}`;
}

function quoteForShell(word: string): string {
  return /^[\w+@%:,./=-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

function quoteForPowerShell(word: string): string {
  // PowerShell also treats typographic apostrophes as quotes.
  return `'${word.replace(/['\u2018\u2019\u201a\u201b]/g, '$&$&')}'`;
}
