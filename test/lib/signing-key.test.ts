import { describe, expect, test } from 'vitest';
import { ONE_MACHINE, PRODUCTION, synthesize, synthesizeProviderCall } from './synthesized.ts';

const prod = synthesizeProviderCall(PRODUCTION);

describe('secrets', () => {
  test('Secrets Manager generates a signing key that is long enough for HS256, with an empty list of previous ones', () => {
    expect(prod.ofType('AWS::SecretsManager::Secret')).toMatchObject({
      SigningKeySecret: {
        properties: {
          GenerateSecretString: {
            SecretStringTemplate: '{"previous":[]}',
            GenerateStringKey: 'current',
            PasswordLength: 64,
            ExcludePunctuation: true,
          },
        },
      },
    });
  });

  test('no template contains the value of a secret or a dynamic reference to one', () => {
    const texts = [PRODUCTION, {}, ONE_MACHINE].flatMap((context) =>
      Object.values(synthesize(context)).map(({ text }) => text),
    );
    for (const text of texts) {
      expect(text).not.toMatch(/"SecretString":|\{\{resolve:/);
    }
  });

  test('a customer-managed key encrypts the created secret', () => {
    const signingKeyKmsKeyArn =
      'arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';
    const { properties } =
      synthesizeProviderCall({ ...PRODUCTION, signingKeyKmsKeyArn }).ofType('AWS::SecretsManager::Secret')[
        'SigningKeySecret'
      ] ?? {};
    expect(properties).toMatchObject({ KmsKeyId: signingKeyKmsKeyArn });
  });

  test('a configured secret is not created', () => {
    const signingKeySecretArn = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:signing-AbCdEf';
    const stack = synthesizeProviderCall({ ...PRODUCTION, signingKeySecretArn });
    expect(stack.ofType('AWS::SecretsManager::Secret')).toEqual({});
    expect(stack.outputs['SigningKeySecretArn']).toBe(signingKeySecretArn);
  });
});
