import { expect, test } from 'vitest';
import { synthesize } from './synthesized.ts';

test('the platform stand-in accepts signed requests only', () => {
  const platform = synthesize({})['provider-call-sandbox-platform'];
  expect(Object.values(platform?.ofType('AWS::Lambda::Url') ?? {})).toMatchObject([
    { properties: { AuthType: 'AWS_IAM' } },
  ]);
  expect(platform?.ofType('AWS::Lambda::Permission')).toEqual({});
});

test('the ids that the ProviderCall stack imports do not change, since CloudFormation cannot change an export in use', () => {
  const text = synthesize({})['provider-call-sandbox-platform']?.text ?? '';
  expect(text).toContain('"ExportsOutputFnGetAttPlatformFunctionA87FB848Arn478C35F6"');
  expect(text).toContain('"PlatformFunctionA87FB848":{"Type":"AWS::Lambda::Function"');
});
