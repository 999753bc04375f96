import { describe, expect, test } from 'vitest';
import { httpsUrl, quoted, SettingsError } from '../../lib/setting-values.ts';

test.each([
  ['https://id.example.com/keys/', 'prod', 'https://id.example.com/keys'],
  ['https://id.example.com:8443', 'prod', 'https://id.example.com:8443'],
  ['http://127.0.0.1:3001/', 'local', 'http://127.0.0.1:3001'],
])('%s is a URL for stage %s, without trailing slashes', (value, stage, url) => {
  expect(httpsUrl('jwksUrl', value, stage)).toBe(url);
});

describe('a URL is rejected:', () => {
  test.each([
    ['http://127.0.0.1:3001', 'prod', /^context jwksUrl: must be an https URL/],
    ['http://10.0.0.1', 'local', /^context jwksUrl: must be an https URL/],
    ['amqps://broker.example.com', 'prod', /^context jwksUrl: must be an https URL/],
    ['https://user:hunter2@id.example.com', 'prod', /^context jwksUrl: must not contain credentials/],
  ])('%s for stage %s', (value, stage, line) => {
    const parse = () => httpsUrl('jwksUrl', value, stage);
    expect(parse).toThrow(SettingsError);
    expect(parse).toThrow(line);
    expect(parse).not.toThrow(/hunter2/);
  });
});

test.each([
  ['ftp://user:hunter2@example.com', '"ftp://…@example.com"'],
  ['ftp://user:hun@ter2@example.com', '"ftp://…@example.com"'],
  ['ftp://user:hun/ter2@example.com', '"ftp://…@example.com"'],
  ['example.com', '"example.com"'],
])('a rejected URL is quoted without its user: %s', (url, text) => {
  expect(quoted(url)).toBe(text);
});
