import type { LocalSystem } from './start.ts';

/** The seeded provider whose calls are answered: the specification's own. */
const provider = '4dbeabd6-f397-4375-95d2-a38411e07ed1';

/**
 * Commands for a POSIX shell, to be pasted one after another or all at once: they take the ids from the answers, need
 * nothing but curl and sed, and hold no comment, which an interactive zsh would take for a command.
 */
export function greeting({
  url,
  platformUrl,
  dynamodbEndpoint,
  secretsManagerEndpoint,
  carrier,
  token,
}: LocalSystem): string {
  const authorization = '-H "Authorization: Bearer $TOKEN"';
  const json = "-H 'Content-Type: application/json'";
  const body = {
    provider_id: provider,
    source: { type: 'tel', target: '+14155551234' },
    destinations: [{ type: 'tel', target: '+821012345678' }],
  };
  const withActions = {
    ...body,
    actions: [
      { type: 'answer' },
      { type: 'talk', option: { text: 'This is a provider verification call.', language: 'en-US' } },
      { type: 'hangup' },
    ],
  };
  const create = (request: object) =>
    `curl -s -X POST "$API/providercalls" ${authorization} ${json} -d '${JSON.stringify(request)}'`;

  return [
    `DynamoDB at ${dynamodbEndpoint}, Secrets Manager at ${secretsManagerEndpoint}, the platform's stand-in at ${platformUrl}`,
    ...(carrier === undefined ? [] : [`The seeded providers are a SIP carrier at ${carrier} (UDP)`]),
    'Paste into a shell: place a call, place one with actions, list, get, see what came of the call, delete',
    '',
    `API=${url}/v1.0`,
    `TOKEN=${token}`,
    '',
    `CREATED=$(${create(body)}); printf '%s\\n' "$CREATED"`,
    `ID=$(printf '%s' "$CREATED" | sed 's/^{"id":"\\([^"]*\\)".*/\\1/')`,
    `CALL_ID=$(printf '%s' "$CREATED" | sed 's/.*"call_ids":\\["\\([^"]*\\)".*/\\1/')`,
    '',
    `${create(withActions)}; echo`,
    '',
    `curl -s "$API/providercalls?provider_id=${provider}&page_size=10" ${authorization}; echo`,
    '',
    `curl -s "$API/providercalls/$ID" ${authorization}; echo`,
    '',
    `curl -s "$API/calls/$CALL_ID" ${authorization}; echo`,
    '',
    `curl -s -X DELETE "$API/providercalls/$ID" ${authorization}; echo`,
    '',
  ].join('\n');
}
