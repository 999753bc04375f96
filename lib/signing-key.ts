import { Validations } from 'aws-cdk-lib';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import type { Settings } from './settings.ts';

/** 64 characters of a–z, A–Z and 0–9: some 380 bits, more than HS256 can use. */
const KEY_LENGTH = 64;

/** The key that tokens are signed with: the configured secret, or a new one with a random key that no template shows. */
export class SigningKey extends Construct {
  readonly secretArn: string;

  constructor(scope: Construct, id: string, { settings }: { settings: Settings }) {
    super(scope, id);
    if (settings.signingKeySecretArn !== null) {
      this.secretArn = settings.signingKeySecretArn;
      return;
    }
    const secret = new secretsmanager.Secret(this, 'Secret', {
      description: 'Signing keys of ProviderCall tokens: {"current": key, "previous": [keys]}',
      generateSecretString: {
        secretStringTemplate: JSON.stringify({ previous: [] }),
        generateStringKey: 'current',
        passwordLength: KEY_LENGTH,
        excludePunctuation: true,
      },
    });
    Validations.of(secret).acknowledge({
      id: 'AwsSolutions-SMG4',
      reason:
        'A key is rotated in two steps, with time for tokens to run out between them, when an operator decides to (docs/operations.md).',
    });
    this.secretArn = secret.secretArn;
  }
}
