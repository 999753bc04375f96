import { type CreateProviderCall, sayActions } from '@provider-call/client';
import { isObject } from './json-text.ts';

/** The contents of the form, as typed. */
export type CallDraft = {
  providerId: string;
  source: string;
  sourceName: string;
  /** One in each line. */
  destinations: string;
  anonymous: 'auto' | 'no' | 'yes';
  /** What happens after the answer. */
  after: 'nothing' | 'say' | 'flow' | 'actions';
  say: string;
  flowId: string;
  /** A JSON list. */
  actions: string;
};

/** A reason why a draft is not a valid request. */
export type DraftProblem = { field: keyof CallDraft; message: string };

export type AddressDraft = { type: 'tel' | 'sip' | 'agent' | 'extension'; target: string };

/** The form as it is before anything is typed. */
export const EMPTY_DRAFT: CallDraft = {
  providerId: '',
  source: '',
  sourceName: '',
  destinations: '',
  anonymous: 'auto',
  after: 'nothing',
  say: 'This is a provider verification call.',
  flowId: '',
  actions: '[\n  {"type": "answer"},\n  {"type": "hangup"}\n]',
};

/** The API's limits. */
const MAX_DESTINATIONS = 50;
const MAX_ACTIONS = 100;

/** Returns the addresses in a text, one in each line: a number, `user@host`, or `type:target`. */
export function addressesIn(text: string): AddressDraft[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map(addressIn);
}

function addressIn(text: string): AddressDraft {
  const [, scheme = '', rest = ''] = /^(tel|sips?|agent|extension):(.*)$/i.exec(text) ?? [];
  switch (scheme.toLowerCase()) {
    case 'tel':
      return { type: 'tel', target: rest.trim() };
    case 'agent':
      return { type: 'agent', target: rest.trim() };
    case 'extension':
      return { type: 'extension', target: rest.trim() };
    case 'sip':
      return { type: 'sip', target: rest.trim() };
    case 'sips':
      return { type: 'sip', target: text };
    default:
      return { type: text.includes('@') ? 'sip' : 'tel', target: text };
  }
}

/** Returns the request for a draft, or what is wrong with it. */
export function requestOf(draft: CallDraft): { request: CreateProviderCall } | { problems: DraftProblem[] } {
  const destinations = addressesIn(draft.destinations);
  const source = draft.source.trim() === '' ? undefined : addressIn(draft.source.trim());
  const actions = actionsOf(draft);
  const problems: DraftProblem[] = [];
  const problem = (field: keyof CallDraft, message: string) => problems.push({ field, message });

  if (draft.providerId === '') problem('providerId', 'Choose a provider.');
  if (destinations.length === 0) problem('destinations', 'Enter at least one destination.');
  if (destinations.length > MAX_DESTINATIONS) {
    problem(
      'destinations',
      `Enter at most ${MAX_DESTINATIONS} destinations; these are ${destinations.length}.`,
    );
  }
  if (destinations.some(({ target }) => target === '')) problem('destinations', 'A destination is empty.');
  const withNumber = destinations.some(({ type }) => type === 'tel');
  if (draft.anonymous === 'yes' && withNumber && !source?.target.startsWith('+')) {
    problem('source', 'An anonymous call needs a source that starts with "+": the provider bills by it.');
  }
  if (draft.after === 'flow' && draft.flowId === '') problem('flowId', 'Choose a flow.');
  if (draft.after === 'say' && draft.say.trim() === '') problem('say', 'Enter the text to say.');
  if (typeof actions === 'string') problem('actions', actions);
  if (problems.length > 0 || typeof actions === 'string') return { problems };

  return {
    request: {
      provider_id: draft.providerId,
      ...(source !== undefined && {
        source: {
          ...source,
          ...(draft.sourceName.trim() !== '' && { target_name: draft.sourceName.trim() }),
        },
      }),
      destinations,
      ...(draft.after === 'flow' && { flow_id: draft.flowId }),
      ...(actions.length > 0 && { actions }),
      anonymous: draft.anonymous,
    },
  };
}

type Actions = NonNullable<CreateProviderCall['actions']>;

/** Returns the actions, or what is wrong with them. */
function actionsOf({ after, say, actions }: CallDraft): Actions | string {
  if (after === 'say') return sayActions(say.trim());
  if (after !== 'actions') return [];
  let parsed: unknown;
  try {
    parsed = JSON.parse(actions);
  } catch (error) {
    return `This is not JSON: ${error instanceof Error ? error.message : error}`;
  }
  if (!Array.isArray(parsed)) return 'Actions must be a JSON list.';
  if (parsed.length > MAX_ACTIONS) return `Enter at most ${MAX_ACTIONS} actions.`;
  return parsed.every(isAction) ? parsed : 'Every action must be an object with a "type".';
}

function isAction(value: unknown): value is Actions[number] {
  return isObject(value) && typeof value['type'] === 'string';
}
