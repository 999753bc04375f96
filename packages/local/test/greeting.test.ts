import { SEED_IDS } from '@provider-call/platform/seed';
import { expect, test } from 'vitest';
import { greeting } from '../src/greeting.ts';
import type { LocalSystem } from '../src/start.ts';

const system: LocalSystem = {
  url: 'http://127.0.0.1:3000',
  port: 3000,
  host: '127.0.0.1',
  platformUrl: 'http://127.0.0.1:1001',
  brokerUrls: [],
  dynamodbEndpoint: 'http://127.0.0.1:1002',
  secretsManagerEndpoint: 'http://127.0.0.1:1003',
  functionVariables: {},
  carrier: '127.0.0.1:5060',
  token: 'a.b.c',
  tokenExpiresAt: new Date('2026-04-21T22:03:07.000Z'),
  hasDevelopmentKey: true,
  logs: [],
  runSchedules: async () => [],
  close: async () => {},
};

const lines = greeting(system).split('\n');

test('the greeting begins with the console’s address, token included', () => {
  expect(lines[0]).toBe('Console  http://127.0.0.1:3000/#token=a.b.c');
});

test('the greeting names every broker that the managers are behind', () => {
  expect(greeting(system)).not.toContain('RabbitMQ');
  const brokerUrls = ['amqp://guest@127.0.0.1:5672/', 'amqps://provider-call@broker.example.com/'];
  expect(greeting({ ...system, brokerUrls })).toContain(`
RabbitMQ amqp://guest@127.0.0.1:5672/, between the functions and the managers
RabbitMQ amqps://provider-call@broker.example.com/, between the functions and the managers
`);
});

test('the greeting says until when its token is valid', () => {
  expect(greeting(system)).toContain('until 2026-04-21 22:03 UTC');
});

test('the greeting lists every seeded provider by id', () => {
  for (const id of Object.values(SEED_IDS.providers)) expect(greeting(system)).toContain(` ${id} `);
});

// The demo carrier goes by the last three digits after "00".
test.each([
  ['Busy (486)', '486'],
  ['Declined (603)', '603'],
  ['out of service (503)', '503'],
  ['never answered', '180'],
  ['Requires a password', '407'],
  ['waits to be hung up', '200'],
])('the greeting names a demo number for "%s"', (words, status) => {
  const row = lines.find((line) => line.includes(words) && line.includes('+'));
  expect(row).toMatch(new RegExp(`^ {2}Answers .* \\+\\d+00${status} `));
});

test('the greeting names three commands', () => {
  expect(lines.filter((line) => line.startsWith('  npx providercall '))).toHaveLength(3);
});

test('the greeting says when its commands need the signing key', () => {
  expect(lines).toContain('Commands:');
  expect(greeting({ ...system, hasDevelopmentKey: false })).toContain(
    'Commands, with the same JWT_KEY in their',
  );
});

test('the greeting’s commands name the URL when it is not the one that the command looks for', () => {
  const commands = greeting({ ...system, url: 'http://127.0.0.1:3417', port: 3417 })
    .split('\n')
    .filter((line) => line.includes('npx providercall '));
  expect(commands).toHaveLength(3);
  for (const command of commands) {
    expect(command).toMatch(/^ {2}PROVIDERCALL_URL=http:\/\/127\.0\.0\.1:3417 npx providercall /);
  }
});

test.each([
  ['127.0.0.1', false],
  ['127.0.0.2', false],
  ['::1', false],
  ['0.0.0.0', true],
  ['172.17.0.1', true],
  ['::', true],
])('the greeting on address %s warns: %s', (host, warns) => {
  expect(greeting({ ...system, host }).includes(`WARNING  HOST=${host}: `)).toBe(warns);
});
