import { explainHeader, explainQ850, explainSipStatus, q850CauseOf } from '@provider-call/evidence';

/** A message as on the wire, split into its parts. */
export type SipText = {
  startLine: string;
  /** As written, with folded lines joined. */
  headers: { name: string; value: string }[];
  body: string;
};

/** Splits a raw message. Malformed parts stay visible: a line without a colon is a header without a value. */
export function splitMessage(raw: string): SipText {
  const end = /\r?\n\r?\n/.exec(raw);
  const head = raw.slice(0, end?.index);
  const [startLine = '', ...lines] = head.replace(/\r?\n[ \t]+/g, ' ').split(/\r?\n/);
  return {
    startLine,
    headers: lines
      .filter((line) => line !== '')
      .map((line) => {
        const colon = line.indexOf(':');
        return colon < 0
          ? { name: line, value: '' }
          : { name: line.slice(0, colon).trim(), value: line.slice(colon + 1).trim() };
      }),
    body: end === null ? '' : raw.slice(end.index + end[0].length),
  };
}

/** The headers that an admin looks at first when a provider rejects a call. */
const ASKED_ABOUT = new Set(['reason', 'warning', 'p-asserted-identity', 'privacy', 'retry-after']);

/** Returns whether a header is one of these, and so shown with its explanation. */
export function isAskedAbout(name: string): boolean {
  return ASKED_ABOUT.has(name.toLowerCase());
}

/** Returns the meaning of a header and, for a Reason, also that of its cause. */
export function explainField({ name, value }: { name: string; value: string }): string | undefined {
  const header = explainHeader(name);
  if (name.toLowerCase() !== 'reason') return header && `${header.text} (${header.source})`;
  const cause = q850CauseOf({ headers: [{ name: 'reason', value }] });
  const meaning = cause === undefined ? undefined : explainQ850(cause);
  const parts = [
    ...(meaning === undefined
      ? []
      : [`Cause ${cause}, ${meaning.name}: ${meaning.text} (${meaning.source})`]),
    ...(header === undefined ? [] : [`${header.text} (${header.source})`]),
  ];
  return parts.length === 0 ? undefined : parts.join(' ');
}

/** Returns what the status of a response means, or undefined for a request. */
export function explainStartLine(startLine: string): string | undefined {
  const status = /^SIP\/2\.0 (\d{3})/.exec(startLine)?.[1];
  const meaning = status === undefined ? undefined : explainSipStatus(Number(status));
  return meaning && `${meaning.text} (${meaning.source})`;
}
