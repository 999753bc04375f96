import { headerValues, type ReadMessage } from './read-message.ts';

export type Challenge = {
  realm: string | undefined;
  /** MD5 if none is named (RFC 8760 §2.3). */
  algorithm: string;
  stale: boolean;
};

/** Returns the digest challenge of a 401 or 407 (RFC 3261 §22), or undefined if the message has none. */
export function challengeOf(message: Pick<ReadMessage, 'headers'>): Challenge | undefined {
  const [value] = [
    ...headerValues(message, 'WWW-Authenticate'),
    ...headerValues(message, 'Proxy-Authenticate'),
  ];
  if (value === undefined) return undefined;
  const parameter = (name: string): string | undefined => {
    const match = new RegExp(`(?:^|[\\s,])${name}\\s*=\\s*(?:"([^"]*)"|([^\\s,"]+))`, 'i').exec(value);
    return match?.[1] ?? match?.[2];
  };
  return {
    realm: parameter('realm'),
    algorithm: parameter('algorithm') ?? 'MD5',
    stale: parameter('stale')?.toLowerCase() === 'true',
  };
}
