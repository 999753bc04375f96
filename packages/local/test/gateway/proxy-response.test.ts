import { describe, expect, test } from 'vitest';
import { readProxyResponse } from '../../src/gateway/proxy-response.ts';

function read(response: unknown) {
  return readProxyResponse(JSON.stringify(response), { hasBinaryMedia: false });
}

test('a function’s response is JSON without a body unless it says otherwise', () => {
  expect(read({ statusCode: 204 })).toEqual({
    status: 204,
    headers: [['Content-Type', 'application/json']],
    body: '',
  });
});

test('a list of a header’s values takes precedence over the single one, whatever their case', () => {
  const { headers } = read({
    statusCode: 200,
    headers: { 'x-one': 'single', 'X-Number': 7, 'content-type': 'text/plain' },
    multiValueHeaders: { 'X-One': ['a', 'b'] },
  });
  expect(headers).toEqual([
    ['X-One', 'a'],
    ['X-One', 'b'],
    ['X-Number', '7'],
    ['content-type', 'text/plain'],
  ]);
});

test.each(['Connection', 'content-length', 'WWW-Authenticate', 'Server'])(
  'the header %s is renamed',
  (name) => {
    const { headers } = read({ statusCode: 200, headers: { [name]: 'x', 'Content-Type': 'text/plain' } });
    expect(headers).toEqual([
      [`x-amzn-Remapped-${name}`, 'x'],
      ['Content-Type', 'text/plain'],
    ]);
  },
);

test.each([
  ['no status', {}],
  ['a status that is not a number', { statusCode: '200' }],
  ['a status below 200', { statusCode: 101 }],
  ['a status above 599', { statusCode: 600 }],
  ['a body that is not text', { statusCode: 200, body: {} }],
  ['a header that is not text', { statusCode: 200, headers: { a: {} } }],
  ['a header with a line break', { statusCode: 200, headers: { a: 'b\r\nc: d' } }],
  ['a header name with a space', { statusCode: 200, headers: { 'a b': 'c' } }],
  ['text', 'ok'],
  ['null', null],
])('a response with %s is a 502', (_, response) => {
  expect(() => read(response)).toThrow(expect.objectContaining({ type: 'DEFAULT_5XX', status: 502 }));
});

const BYTES = Buffer.from([0xa1, 0xb2, 0xc3, 0xd4, 0x00, 0xff]);
const binary = JSON.stringify({ statusCode: 200, body: BYTES.toString('base64'), isBase64Encoded: true });
const JSON_HEADERS: [string, string][] = [['Content-Type', 'application/json']];

describe('a body in base64', () => {
  test('it is decoded where every media type is binary', () => {
    expect(readProxyResponse(binary, { hasBinaryMedia: true })).toEqual({
      status: 200,
      headers: JSON_HEADERS,
      body: BYTES,
    });
  });

  test('it is sent as it is where no media type is binary', () => {
    expect(readProxyResponse(binary, { hasBinaryMedia: false })).toEqual({
      status: 200,
      headers: JSON_HEADERS,
      body: BYTES.toString('base64'),
    });
  });
});

test('a text body is sent as it is where every media type is binary', () => {
  const payload = JSON.stringify({ statusCode: 404, body: '{"a":"ö"}' });
  expect(readProxyResponse(payload, { hasBinaryMedia: true })).toEqual({
    status: 404,
    headers: JSON_HEADERS,
    body: '{"a":"ö"}',
  });
});
