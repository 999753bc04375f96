import { headerValues, type ReadMessage } from './read-message.ts';

export type Reason = {
  /** "Q.850" or "SIP", as far as known; otherwise as written. */
  protocol: string;
  cause: number | undefined;
  text: string | undefined;
};

/** Returns the reasons of a message (RFC 3326). */
export function reasonsOf(message: Pick<ReadMessage, 'headers'>): Reason[] {
  return headerValues(message, 'Reason').flatMap((value) => splitOutsideQuotes(value, ',').map(readReason));
}

/** Returns the telephone network's own cause (ITU-T Q.850) among the reasons of a message, if there is one. */
export function q850CauseOf(message: Pick<ReadMessage, 'headers'>): number | undefined {
  return reasonsOf(message).find(({ protocol, cause }) => protocol === 'Q.850' && cause !== undefined)?.cause;
}

function readReason(value: string): Reason {
  const [protocol = '', ...parameters] = splitOutsideQuotes(value, ';');
  const parameterOf = (name: string): string | undefined => {
    for (const parameter of parameters) {
      const equals = parameter.indexOf('=');
      if (equals > 0 && parameter.slice(0, equals).trim().toLowerCase() === name) {
        return parameter.slice(equals + 1).trim();
      }
    }
    return undefined;
  };
  const cause = /^"?(\d{1,3})"?$/.exec(parameterOf('cause') ?? '')?.[1];
  const written = protocol.trim();
  return {
    protocol: /^Q\.?850$/i.test(written) ? 'Q.850' : written.toUpperCase(),
    cause: cause === undefined ? undefined : Number(cause),
    text: parameterOf('text')?.replace(/^"|"$/g, '').replace(/\\(.)/g, '$1'),
  };
}

function splitOutsideQuotes(value: string, separator: string): string[] {
  const parts: string[] = [];
  let start = 0;
  let quoted = false;
  for (let at = 0; at < value.length; at += 1) {
    const character = value[at];
    if (character === '\\' && quoted) at += 1;
    else if (character === '"') quoted = !quoted;
    else if (character === separator && !quoted) {
      parts.push(value.slice(start, at));
      start = at + 1;
    }
  }
  parts.push(value.slice(start));
  return parts;
}
