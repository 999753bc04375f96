import { request } from 'node:http';
import { text } from 'node:stream/consumers';

export type RawResponse = {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
};

export type RawRequest = {
  method?: string;
  /** With the query, as it is sent. */
  path: string;
  /** Several values are sent as several header lines. */
  headers?: Record<string, string | string[]>;
  body?: string;
};

/** Sends one request unchanged: nothing is normalised, merged, followed or rejected before it is sent. */
export function sendRaw(
  url: string,
  { method = 'GET', path, headers = {}, body }: RawRequest,
): Promise<RawResponse> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    // No connection is reused: one that the server has just closed would fail a request that is not at fault.
    // Node would send the body of a GET without its length.
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
