import { request } from 'node:http';
import { text } from 'node:stream/consumers';

export type RawAnswer = {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
};

export type RawRequest = {
  method?: string;
  /** With the query, as it is to be on the wire. */
  path: string;
  /** Several values are several header lines. */
  headers?: Record<string, string | string[]>;
  body?: string;
};

/** Sends one request as it is: nothing is normalised, merged, followed or rejected before it leaves. */
export function sendRaw(
  url: string,
  { method = 'GET', path, headers = {}, body }: RawRequest,
): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    // No connection is used twice: one that the server has just closed would fail a request that is not at fault.
    // Node would send the body of a GET without saying how long it is.
    const framed =
      body === undefined ? headers : { 'Content-Length': String(Buffer.byteLength(body)), ...headers };
    const outgoing = request({ hostname, port, method, path, headers: framed, agent: false }, (response) => {
      text(response).then((content) => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: content });
      }, reject);
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}
