import { expect, test } from 'vitest';
import { awsAccessOf, parseEnvironment } from '../src/environment.ts';
import { StartError } from '../src/start-error.ts';

test('the environment may be empty', () => {
  const environment = parseEnvironment({ HOME: '/root' });
  expect(environment).toEqual({ HOST: '127.0.0.1', PORT: 3000, SIP_ALLOW: expect.anything() });
  expect(environment.SIP_ALLOW.loopbackOnly).toBe(true);
});

test('the environment’s values are used, URLs without the slash at their end', () => {
  expect(
    parseEnvironment({ PORT: '0', DATA_DIR: 'd', CALL_BACKEND_URL: 'https://calls.example.com/base/' }),
  ).toEqual({
    HOST: '127.0.0.1',
    PORT: 0,
    DATA_DIR: 'd',
    CALL_BACKEND_URL: 'https://calls.example.com/base',
    SIP_ALLOW: expect.anything(),
  });
  expect(parseEnvironment({ SIP_ALLOW: '192.0.2.0/24' }).SIP_ALLOW.allows('192.0.2.7')).toBe(true);
});

test('the backends may be behind a broker, and so may the stand-in', () => {
  const url = 'amqps://user:secret@broker.example.com:5671/vhost';
  const all = { ROUTE_BACKEND_URL: url, FLOW_BACKEND_URL: url, CALL_BACKEND_URL: url };
  expect(parseEnvironment(all)).toMatchObject(all);
  expect(parseEnvironment({ AMQP_URL: 'amqp://127.0.0.1/' }).AMQP_URL).toBe('amqp://127.0.0.1');
});

test.each([
  [{ PORT: '' }, 'PORT must be a number from 0 to 65535'],
  [{ PORT: '65536' }, 'PORT must be a number from 0 to 65535'],
  [{ PORT: '-1' }, 'PORT must be a number from 0 to 65535'],
  [{ PORT: '3e3' }, 'PORT must be a number from 0 to 65535'],
  [{ JWT_KEY: '' }, 'JWT_KEY must have 32 bytes or more'],
  [{ DATA_DIR: '' }, 'DATA_DIR must not be empty'],
  [{ DYNAMODB_ENDPOINT: 'localhost' }, 'DYNAMODB_ENDPOINT must be an http or https URL'],
  [{ ROUTE_BACKEND_URL: 'ftp://h' }, 'ROUTE_BACKEND_URL must be an http, https, amqp or amqps URL'],
  [{ AMQP_URL: 'http://h' }, 'AMQP_URL must be an amqp or amqps URL'],
  [
    { AMQP_URL: 'amqp://h', CALL_BACKEND_URL: 'http://h' },
    'AMQP_URL serves the platform stand-in on a broker: unset ROUTE_BACKEND_URL, FLOW_BACKEND_URL, CALL_BACKEND_URL, or AMQP_URL to use real managers',
  ],
  [
    { ROUTE_BACKEND_URL: 'amqp://h', FLOW_BACKEND_URL: 'amqp://h', CALL_BACKEND_URL: 'http://h' },
    'ROUTE_BACKEND_URL, FLOW_BACKEND_URL, CALL_BACKEND_URL must be amqp or amqps URLs, all three or none',
  ],
  [{ SIP_ALLOW: '10.0.0.0/33' }, 'SIP_ALLOW: "10.0.0.0/33" is not a host name, an address or a network'],
  [{ HOST: 'localhost' }, 'HOST must be an IP address, such as 127.0.0.1 or 0.0.0.0'],
  [{ LOG: 'yes' }, 'LOG must be text, json or debug'],
  [{ WEBHOOK_URL: 'x' }, 'WEBHOOK_URL must be an http or https URL'],
  [
    { PORT: 'x', FLOW_BACKEND_URL: '' },
    'PORT must be a number from 0 to 65535; FLOW_BACKEND_URL must be an http, https, amqp or amqps URL',
  ],
])('the environment %o is rejected', (variables, message) => {
  expect(() => parseEnvironment(variables)).toThrow(new StartError(message));
});

test('AWS credentials are used only for a DynamoDB that is named', () => {
  const credentials = { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b', AWS_REGION: 'eu-west-1' };
  expect(awsAccessOf(parseEnvironment(credentials))).toBeUndefined();
  expect(awsAccessOf(parseEnvironment({ ...credentials, DYNAMODB_ENDPOINT: 'http://h:1' }))).toEqual({
    region: 'eu-west-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  });
});
