import { expect, test } from 'vitest';
import { synthesize } from './synthesized.ts';

test('the stand-in is reached by a signed request only', () => {
  const platform = synthesize({})['provider-call-sandbox-platform'];
  expect(Object.values(platform?.ofType('AWS::Lambda::Url') ?? {})).toMatchObject([
    { properties: { AuthType: 'AWS_IAM' } },
  ]);
  expect(platform?.ofType('AWS::Lambda::Permission')).toEqual({});
});

test('the ids that its ProviderCall stack imports stay, since CloudFormation refuses to change an export in use', () => {
  const text = synthesize({})['provider-call-sandbox-platform']?.text ?? '';
  expect(text).toContain('"ExportsOutputFnGetAttPlatformFunctionA87FB848Arn478C35F6"');
  expect(text).toContain('"PlatformFunctionA87FB848":{"Type":"AWS::Lambda::Function"');
});
