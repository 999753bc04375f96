import { headerValues, type ReadMessage } from './read-message.ts';

export type Warning = { code: number; agent: string; text: string };

/** Returns the warnings of a message (RFC 3261 §20.43), as far as they can be read. */
export function warningsOf(message: Pick<ReadMessage, 'headers'>): Warning[] {
  return headerValues(message, 'Warning').flatMap((value) => {
    const found: Warning[] = [];
    for (const match of value.matchAll(/(?:^|,)\s*(\d{3})\s+(\S+)\s+"((?:[^"\\]|\\.)*)"?/g)) {
      const [, code, agent = '', text = ''] = match;
      found.push({ code: Number(code), agent, text: text.replace(/\\(.)/g, '$1') });
    }
    return found;
  });
}
