/** The part of a request that is checked; a form may have filled in only some of it. */
export type CheckedRequest = {
  source?: { type: string; target: string } | null;
  destinations: readonly { type: string; target: string }[];
  actions?: readonly { type: string; option?: Record<string, unknown> }[];
};

/** Something that the API accepts, dials and bills although it is probably a mistake. */
export type RequestWarning = {
  code: 'not_e164' | 'unknown_action' | 'talk_without_text' | 'no_source';
  /** Where it is, such as `destinations[0].target`. */
  field: string;
  /** One sentence for the person who is about to place the call. */
  message: string;
  /** What was probably meant, if that is clear. */
  suggestion?: string;
};

/** The platform's action types (its flow manager's `models/action`). */
export const ACTION_TYPES = [
  ...['ai_summary', 'ai_talk', 'ai_task', 'amd', 'answer', 'beep', 'block', 'branch', 'call'],
  ...['condition_call_digits', 'condition_call_status', 'condition_datetime', 'condition_variable'],
  ...['confbridge_join', 'conference_join', 'connect', 'conversation_send', 'digits_receive', 'digits_send'],
  ...['echo', 'email_send', 'empty', 'external_media_start', 'external_media_stop', 'fetch', 'fetch_flow'],
  ...['goto', 'hangup', 'hangup_relay', 'message_send', 'mute', 'play', 'queue_join', 'recording_start'],
  ...['recording_stop', 'sleep', 'stop', 'stream_echo', 'talk', 'transcribe_recording', 'transcribe_start'],
  ...['transcribe_stop', 'variable_set', 'webhook_send'],
];

// E.164 §6: a country code that does not begin with 0, at most 15 digits.
const E164 = /^\+[1-9]\d{5,14}$/;

/** Returns what is probably wrong with a request that the API would accept, in the order of its fields. */
export function warningsOf({ source, destinations, actions = [] }: CheckedRequest): RequestWarning[] {
  return [
    ...sourceWarnings(source),
    ...destinations.flatMap((destination, index) =>
      destination.type === 'tel' ? numberWarnings(`destinations[${index}].target`, destination.target) : [],
    ),
    ...actions.flatMap(actionWarnings),
  ];
}

function sourceWarnings(source: CheckedRequest['source']): RequestWarning[] {
  if (source === null || source === undefined || source.target === '') {
    return [
      {
        code: 'no_source',
        field: 'source',
        message: 'There is no source: the call has no caller id, which most providers reject.',
      },
    ];
  }
  return source.type === 'tel' ? numberWarnings('source.target', source.target) : [];
}

function numberWarnings(field: string, number: string): RequestWarning[] {
  if (E164.test(number)) return [];
  const digits = number.replace(/[\s().\-/]/g, '');
  const international = digits.replace(/^00/, '+');
  const candidate = international.startsWith('+') ? international : `+${international}`;
  const national = /^0(?!0)/.test(digits);
  return [
    {
      code: 'not_e164',
      field,
      message: `"${number}" is not E.164: ${faultOf(number, digits)}.`,
      ...(!national && E164.test(candidate) && { suggestion: candidate }),
    },
  ];
}

function faultOf(number: string, digits: string): string {
  if (/^0(?!0)/.test(digits))
    return 'it is in national format; write + and the country code instead of the leading 0';
  if (digits !== number && /^\+?\d+$/.test(digits)) return 'it contains spaces or punctuation';
  if (/^00\d/.test(digits)) return 'it begins with 00 instead of +';
  if (/^\d+$/.test(digits)) return 'it does not begin with +';
  if (!/^\+?\d+$/.test(digits)) {
    const dialled = digits.replace(/(?!^\+)\D/g, '');
    const fault = 'it contains something other than digits';
    return /\d/.test(dialled) ? `${fault}, without which the platform may dial ${dialled}` : fault;
  }
  return 'it has too few or too many digits, or a country code that begins with 0';
}

function actionWarnings(
  { type, option }: NonNullable<CheckedRequest['actions']>[number],
  index: number,
): RequestWarning[] {
  if (!ACTION_TYPES.includes(type)) {
    const suggestion = closestActionType(type);
    return [
      {
        code: 'unknown_action',
        field: `actions[${index}].type`,
        message: `"${type}" is not an action type of the platform${suggestion === undefined ? '.' : `; did you mean "${suggestion}"?`}`,
        ...(suggestion !== undefined && { suggestion }),
      },
    ];
  }
  const text = option?.['text'];
  if (type === 'talk' && (typeof text !== 'string' || text.trim() === '')) {
    return [
      {
        code: 'talk_without_text',
        field: `actions[${index}].option.text`,
        message: 'A talk action without a text says nothing.',
      },
    ];
  }
  return [];
}

/** Returns the action type that is at most two typos away, or a third of the length of a long name. */
function closestActionType(type: string): string | undefined {
  const wanted = type.toLowerCase().replace(/[\s-]/g, '_');
  const [closest] = ACTION_TYPES.map((known) => ({ known, distance: editDistance(wanted, known) }))
    .filter(
      ({ known, distance }) =>
        distance <= Math.max(2, Math.floor(known.length / 3)) && distance < known.length / 2,
    )
    .sort((a, b) => a.distance - b.distance);
  return closest?.known;
}

/** Insertions, deletions, substitutions and swaps of neighbours (optimal string alignment). */
function editDistance(from: string, to: string): number {
  const rows: number[][] = [Array.from({ length: to.length + 1 }, (_, column) => column)];
  const at = (row: number, column: number) => rows[row]?.[column] ?? Number.POSITIVE_INFINITY;
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    rows.push(current);
    for (let column = 1; column <= to.length; column += 1) {
      const same = from[row - 1] === to[column - 1];
      const swapped = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      current.push(
        Math.min(
          at(row - 1, column) + 1,
          at(row, column - 1) + 1,
          at(row - 1, column - 1) + (same ? 0 : 1),
          swapped ? at(row - 2, column - 2) + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
  }
  return at(from.length, to.length);
}
