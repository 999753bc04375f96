import { expect, test } from 'vitest';
import * as z from 'zod/mini';
import { ONE_MACHINE, PRODUCTION, synthesize, synthesizeProviderCall } from './synthesized.ts';

const prod = synthesizeProviderCall(PRODUCTION);
const sandbox = synthesize({ console: false });

const loggingSchema = z.object({ LogGroup: z.string() });

test('every function runs on Node 24 on arm64 and writes JSON lines that are kept for a month', () => {
  const stacks = [prod, sandbox['provider-call-sandbox'], sandbox['provider-call-sandbox-platform']];
  for (const stack of stacks) {
    const functions = Object.entries(stack?.ofType('AWS::Lambda::Function') ?? {});
    expect(functions.length).toBeGreaterThan(0);
    for (const [id, { properties }] of functions) {
      const { LogGroup } = loggingSchema.parse(properties['LoggingConfig']);
      expect(LogGroup).toMatch(new RegExp(`${id.replace(/Function$/, 'Log')}$`));
      expect(properties).toMatchObject({
        Runtime: 'nodejs24.x',
        Architectures: ['arm64'],
        Handler: 'index.handler',
        LoggingConfig: { LogFormat: 'JSON', LogGroup, SystemLogLevel: 'WARN' },
      });
      expect(stack?.ofType('AWS::Logs::LogGroup')[LogGroup]?.properties).toMatchObject({
        RetentionInDays: 30,
      });
    }
  }
});

test('functions on one machine are built for its processor, so that SAM need not emulate another', () => {
  const architecture = process.arch === 'x64' ? 'x86_64' : 'arm64';
  const functions = Object.values(synthesizeProviderCall(ONE_MACHINE).ofType('AWS::Lambda::Function'));
  expect(functions.length).toBeGreaterThan(0);
  for (const { properties } of functions) expect(properties['Architectures']).toEqual([architecture]);
});
