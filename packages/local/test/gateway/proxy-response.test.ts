import { describe, expect, test } from 'vitest';
import { GatewayFault } from '../../src/gateway/gateway-fault.ts';
import { readProxyResponse } from '../../src/gateway/proxy-response.ts';

const bytes = Buffer.from([0xa1, 0xb2, 0xc3, 0xd4, 0x00, 0xff]);
const binary = JSON.stringify({ statusCode: 200, body: bytes.toString('base64'), isBase64Encoded: true });
const json: [string, string][] = [['Content-Type', 'application/json']];

describe('a body in base64', () => {
  test('is decoded where every media type is binary', () => {
    expect(readProxyResponse(binary, { hasBinaryMedia: true })).toEqual({
      status: 200,
      headers: json,
      body: bytes,
    });
  });

  test('is sent as it is where none is', () => {
    expect(readProxyResponse(binary, { hasBinaryMedia: false })).toEqual({
      status: 200,
      headers: json,
      body: bytes.toString('base64'),
    });
  });
});

test('a text body is sent as it is where every media type is binary', () => {
  const payload = JSON.stringify({ statusCode: 404, body: '{"a":"ö"}' });
  expect(readProxyResponse(payload, { hasBinaryMedia: true })).toEqual({
    status: 404,
    headers: json,
    body: '{"a":"ö"}',
  });
});

test.each(['{}', '{"statusCode":200,"body":1}', '{"statusCode":99}'])('%s is a fault', (payload) => {
  expect(() => readProxyResponse(payload, { hasBinaryMedia: true })).toThrow(GatewayFault);
});
