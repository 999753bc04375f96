/** Who a rejection comes from, what it probably means here, and what to try. */
export type Advice = { from: 'provider' | 'far end'; text: string };

const BAD_IDENTITY = provider(
  'the call lacks a valid signature of its number (STIR); ask the provider which identities it signs or accepts',
);
const LOOP = provider(
  'the call goes round in a loop there, so the provider is at fault; report it with the Call-ID',
);
const NO_CODEC = provider(
  "no codec is common to both sides or the media were not acceptable; change the provider's codecs",
);
const NUMBER_UNKNOWN = provider(
  'it does not know this number; check the number, tech_prefix and tech_postfix, then try a number that works elsewhere',
);
const TOO_LARGE = provider('our INVITE is too large for it; send fewer tech_headers and codecs');

const BY_STATUS: Readonly<Record<number, Advice>> = {
  400: provider(
    'it considers our INVITE malformed; remove tech_headers first, then compare the INVITE with what the provider requires',
  ),
  402: provider('the account there has no credit; top it up'),
  403: provider('the source is probably not on its allow list; try one it knows'),
  404: NUMBER_UNKNOWN,
  405: provider('it does not accept calls at this address; check hostname and port'),
  406: provider(
    'it cannot respond in a form that we accept; the provider is at fault, so report it with the Call-ID',
  ),
  408: farEnd(
    'nobody downstream responded in time, so the phone is out of reach or a route behind the provider is dead; try another number to tell which',
  ),
  410: provider('the number is no longer in service; try another number'),
  413: TOO_LARGE,
  414: provider('the dialled address is too long for it; shorten tech_prefix and tech_postfix'),
  415: provider(
    'it does not understand the body of our INVITE (session description); ask the provider what it supports',
  ),
  416: provider('it does not know the scheme of the dialled address; check tech_prefix and hostname'),
  420: provider(
    'it does not support an extension that our INVITE requires; take the header out of tech_headers',
  ),
  421: provider('it requires an extension that we do not offer; ask the provider for a route without it'),
  422: provider('our session timer is shorter than it allows; it has to be raised to its Min-SE'),
  423: provider(
    'the expiration in our request is shorter than it allows; it has to be raised to its Min-Expires',
  ),
  428: BAD_IDENTITY,
  433: provider('it does not accept anonymous calls; dial with anonymous "no"'),
  436: BAD_IDENTITY,
  437: BAD_IDENTITY,
  438: BAD_IDENTITY,
  476: provider(
    'its proxy cannot resolve its own next hop, so the provider is at fault; report it with the Call-ID',
  ),
  477: provider(
    'its proxy cannot send to its own next hop, so the provider is at fault; report it with the Call-ID',
  ),
  478: provider(
    'its proxy cannot resolve its own next hop, so the provider is at fault; report it with the Call-ID',
  ),
  480: farEnd(
    'the phone is off, not registered or does not answer, and the provider works; call again later or try another number',
  ),
  481: provider(
    'it lost track of the call, so the provider is at fault; dial again, and report it if it persists',
  ),
  482: LOOP,
  483: LOOP,
  484: provider('the number is incomplete for it; check the number and tech_prefix'),
  485: provider('the number is ambiguous for it; dial it in full international form'),
  486: farEnd('the phone is busy and the provider works; call again later or try another number'),
  487: provider(
    'it ended the call before the answer although we had not cancelled it, so the provider or the phone is at fault; dial again',
  ),
  488: NO_CODEC,
  489: provider(
    'it does not know the event package; the provider is at fault, so report it with the Call-ID',
  ),
  491: provider('both sides sent a request at the same time; dial again'),
  493: provider('it cannot decrypt our INVITE; check which transport and media encryption it expects'),
  494: provider('it requires a security agreement; ask the provider which transport it expects'),
  500: provider('the provider is at fault; dial again, and report it with the Call-ID if it persists'),
  501: provider(
    'it does not support what the call needs, so the provider is at fault; ask it what our INVITE may contain',
  ),
  502: provider('a server behind it failed, so the provider is at fault; try another provider'),
  503: provider(
    'it is overloaded, under maintenance or out of circuits, so the provider is at fault; dial again later or try another provider',
  ),
  504: provider(
    'a server behind it did not respond, so the provider is at fault; dial again later or try another provider',
  ),
  505: provider('it does not speak this version of SIP; check hostname and port'),
  513: TOO_LARGE,
  580: provider('a precondition of the session could not be met; ask the provider which ones it requires'),
  600: farEnd(
    'the called party is busy at every phone and the provider works; call again later or try another number',
  ),
  603: farEnd(
    'the called party, or a service that screens its calls, declined and the provider works; try another number or source',
  ),
  604: provider('the number does not exist anywhere; check it, or try another number'),
  606: NO_CODEC,
  607: farEnd('the called party marked calls from this source as unwanted; use another source'),
  608: provider(
    'a filter on the way considers the call unwanted; use another source, or ask the provider which filter blocks it',
  ),
};

const BY_CLASS: Readonly<Record<number, Advice>> = {
  3: provider(
    'it redirects the call, which we do not follow; ask the provider for the address that accepts calls',
  ),
  4: provider('it refuses the call; ask the provider what the status means there'),
  5: provider('the provider is at fault; dial again later or try another provider'),
  6: farEnd('the called party cannot take the call anywhere; try another number'),
};

/** Some phones decline with 486 and say so in the reason phrase. */
const DECLINED = farEnd(
  'the called party declined and the provider works; call again later or try another number',
);

/** Causes that say more than the accompanying status (RFC 3398 §7.2.4.1 maps many causes to one status). */
const BY_CAUSE: Readonly<Record<number, Advice>> = {
  1: provider('the number is not assigned to anybody; check it, or try another number'),
  2: provider('the network behind it has no route there, so the provider is at fault; try another provider'),
  3: provider(
    'the network behind it has no route to this number, so the provider is at fault; try another provider',
  ),
  17: farEnd('the phone is busy and the provider works; call again later or try another number'),
  18: farEnd(
    'the phone does not respond to its network and the provider works; call again later or try another number',
  ),
  19: farEnd(
    'the phone rang and nobody answered, so the provider works; call again later or try another number',
  ),
  20: farEnd(
    'the mobile phone is off or out of coverage and the provider works; call again later or try another number',
  ),
  21: farEnd(
    'the called party, or a service that screens its calls, rejected the call and the provider works; try another number or source',
  ),
  22: provider('the number has changed; find the new one'),
  27: farEnd('the line of the called phone is out of order and the provider works; try another number'),
  28: provider('the number is incomplete or in the wrong form; check the number and tech_prefix'),
  34: provider(
    'no circuit is free there, so the provider is at fault; dial again later or try another provider',
  ),
  38: provider('the network behind it is out of order, so the provider is at fault; try another provider'),
  41: provider('the network behind it has a passing fault, so the provider is at fault; dial again'),
  42: provider(
    'an exchange behind it is congested, so the provider is at fault; dial again later or try another provider',
  ),
  44: provider(
    'the circuit it asked for is not available, so the provider is at fault; dial again later or try another provider',
  ),
  47: provider(
    'a resource there is exhausted, so the provider is at fault; dial again later or try another provider',
  ),
  50: provider('the account does not include this kind of call; ask the provider to add it'),
  57: provider('the account may not make this kind of call; ask the provider to allow it'),
  88: farEnd('the called equipment cannot take this kind of call; try another number'),
};

/** Returns what a rejection by the provider means here; the telephone network's own cause takes precedence. */
export function adviceOn(status: number, cause: number | undefined, words: string): Advice {
  if (status === 486 && /reject|declin/i.test(words)) return DECLINED;
  const byCause = cause === undefined ? undefined : BY_CAUSE[cause];
  return (
    byCause ??
    adviceOnWords(status, words) ??
    BY_STATUS[status] ??
    BY_CLASS[Math.floor(status / 100)] ??
    provider('it refuses the call; ask the provider what the status means there')
  );
}

function provider(text: string): Advice {
  return { from: 'provider', text };
}

function farEnd(text: string): Advice {
  return { from: 'far end', text };
}

const ALLOWED_WORDS = '(?:allow|permit|authori[sz]|white\\s?list|accept|valid|match|verif|regist)';
const WORDS: readonly (readonly [pattern: RegExp, advice: Advice])[] = [
  [
    /\b(?:credit|balance|funds|payment|prepaid|top.?up)\b/i,
    provider('the account there seems to have no credit; top it up'),
  ],
  [
    /\b(?:cps|calls per second|rate.?limit|too many|concurren\w*|simultaneous|channels?|capacity|max(?:imum)? (?:calls|sessions)|limit (?:exceeded|reached))\b/i,
    provider('a limit of the account there is reached; make fewer calls at once, or have it raised'),
  ],
  [
    new RegExp(
      `\\b(?:caller.?id|cli|ani|source|originat\\w*|from (?:number|header|user)|p-?asserted\\S*|a-?number)\\b.*${ALLOWED_WORDS}|${ALLOWED_WORDS}.*\\b(?:caller.?id|cli|ani|source|originat\\w*|from)\\b`,
      'i',
    ),
    provider('the source is not one it accepts; try one it knows'),
  ],
  [
    /\b(?:destination|country|international|premium|geo\w*|prefix|b-?number|route)\b/i,
    provider(
      'it does not route this destination for the account; ask it to open the destination, or try another number',
    ),
  ],
  [
    /\b(?:ip|address|host|peer|trunk|domain)\b.*\b(?:not|un|in)/i,
    provider('it does not know our address; have the address of our edge put on its allow list'),
  ],
];

/** Carriers that reject everything with 403 or 503 often say more in the reason phrase or a Warning. */
function adviceOnWords(status: number, words: string): Advice | undefined {
  if (![400, 401, 402, 403, 407, 480, 500, 503, 603].includes(status)) return undefined;
  return WORDS.find(([pattern]) => pattern.test(words))?.[1];
}
