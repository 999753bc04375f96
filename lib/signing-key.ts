import { Validations } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import type { SecretAccess } from './backend-settings.ts';
import type { Settings } from './settings.ts';

export type SigningKeyProps = { settings: Settings };

/** 64 characters of a–z, A–Z and 0–9: about 380 bits, more than HS256 can use. */
const KEY_LENGTH = 64;

/** The key that tokens are signed with: the configured secret, or a new one with a random key that no template contains. */
export class SigningKey extends Construct {
  readonly access: SecretAccess;

  constructor(scope: Construct, id: string, { settings }: SigningKeyProps) {
    super(scope, id);
    const { secretArn, kmsKeyArn } = settings.signingKey;
    this.access = { secretArn: secretArn ?? this.createSecret(kmsKeyArn).secretArn, kmsKeyArn };
  }

  private createSecret(kmsKeyArn: string | null): secretsmanager.Secret {
    const secret = new secretsmanager.Secret(this, 'Secret', {
      description: 'Signing keys of ProviderCall tokens: {"current": key, "previous": [keys]}',
      generateSecretString: {
        secretStringTemplate: JSON.stringify({ previous: [] }),
        generateStringKey: 'current',
        passwordLength: KEY_LENGTH,
        excludePunctuation: true,
      },
      ...(kmsKeyArn !== null && { encryptionKey: kms.Key.fromKeyArn(this, 'EncryptionKey', kmsKeyArn) }),
    });
    Validations.of(secret).acknowledge({
      id: 'AwsSolutions-SMG4',
      reason:
        'An operator decides when to rotate the key, in two steps with time between them for tokens to expire (docs/operations.md).',
    });
    return secret;
  }
}
