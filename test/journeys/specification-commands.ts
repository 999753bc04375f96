/*
 * The specification's curl commands. Host and token are inserted when they run; nothing else is changed.
 */

const PLACEHOLDER = { host: 'https://api.voipbin.net', token: '<YOUR_AUTH_TOKEN>' };

/** The record and the call that the commands name. */
export const SPECIFICATION_IDS = {
  record: 'b7d1c0f6-9a2e-4b3f-8e2a-1c7d5b8a9e0f',
  call: '9f8e7d6c-5b4a-3c2d-1e0f-abcdef012345',
} as const;

export const SPECIFICATION_COMMANDS = {
  place: String.raw`curl -k --location --request POST 'https://api.voipbin.net/v1.0/providercalls?token=<YOUR_AUTH_TOKEN>' \
    --header 'Content-Type: application/json' \
    --data-raw '{
        "provider_id": "4dbeabd6-f397-4375-95d2-a38411e07ed1",
        "source": {
            "type": "tel",
            "target": "+14155551234"
        },
        "destinations": [
            {
                "type": "tel",
                "target": "+821012345678"
            }
        ],
        "anonymous": "auto"
    }'`,

  placeWithActions: String.raw`curl -k --location --request POST 'https://api.voipbin.net/v1.0/providercalls?token=<YOUR_AUTH_TOKEN>' \
    --header 'Content-Type: application/json' \
    --data-raw '{
        "provider_id": "4dbeabd6-f397-4375-95d2-a38411e07ed1",
        "source": {"type": "tel", "target": "+14155551234"},
        "destinations": [{"type": "tel", "target": "+821012345678"}],
        "actions": [
            {"type": "answer"},
            {
                "type": "talk",
                "option": {
                    "text": "This is a provider verification call.",
                    "language": "en-US",
                    "gender": "female"
                }
            },
            {"type": "hangup"}
        ]
    }'`,

  observe: `curl -k --location --request GET 'https://api.voipbin.net/v1.0/calls/9f8e7d6c-5b4a-3c2d-1e0f-abcdef012345?token=<YOUR_AUTH_TOKEN>'`,

  list: `curl -k --location --request GET 'https://api.voipbin.net/v1.0/providercalls?token=<YOUR_AUTH_TOKEN>&provider_id=4dbeabd6-f397-4375-95d2-a38411e07ed1'`,

  get: `curl -k --location --request GET 'https://api.voipbin.net/v1.0/providercalls/b7d1c0f6-9a2e-4b3f-8e2a-1c7d5b8a9e0f?token=<YOUR_AUTH_TOKEN>'`,

  delete: `curl -k --location --request DELETE 'https://api.voipbin.net/v1.0/providercalls/b7d1c0f6-9a2e-4b3f-8e2a-1c7d5b8a9e0f?token=<YOUR_AUTH_TOKEN>'`,
} as const;

/** Returns a command for a host (a URL without a path) and a token. */
export function commandFor(command: string, { host, token }: { host: string; token: string }): string {
  return command.replace(PLACEHOLDER.host, host).replace(PLACEHOLDER.token, token);
}
