import { CfnOutput, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type { Construct } from 'constructs';
import { accessKeyTable } from '../functions/auth/access-key-table.ts';
import { providerCallTable } from '../functions/provider-calls/table.ts';
import { DurableTable } from './durable-table.ts';
import { PlatformApiFunction } from './platform-api-function.ts';
import { ProviderCallApi } from './provider-call-api.ts';
import { ProviderCallFunctions } from './provider-call-functions.ts';
import type { Backends, Settings } from './settings.ts';
import { SigningKey } from './signing-key.ts';

export type ProviderCallStackProps = StackProps & {
  settings: Settings;
  backends: Backends;
  /** Whether the API also has the platform's endpoints that the stand-in answers. */
  platformApi: boolean;
};

/** ProviderCall: table, functions, API, and the schedule that settles what a dead create left behind. */
export class ProviderCallStack extends Stack {
  constructor(scope: Construct, id: string, props: ProviderCallStackProps) {
    super(scope, id, props);
    const { settings, backends } = props;

    const providerCalls = new DurableTable(this, 'ProviderCalls', {
      settings,
      partitionKey: providerCallTable.partitionKey,
      indexes: Object.values(providerCallTable.indexes),
      stream: true,
    });
    const accessKeys = new DurableTable(this, 'AccessKeys', {
      settings,
      partitionKey: accessKeyTable.partitionKey,
    });
    const signingKey = new SigningKey(this, 'SigningKey', { settings });

    const functions = new ProviderCallFunctions(this, 'Functions', {
      settings,
      backends,
      providerCalls,
      accessKeys,
      signingKeySecretArn: signingKey.secretArn,
    });
    const platform = props.platformApi
      ? new PlatformApiFunction(this, 'PlatformApi', { settings, backends })
      : undefined;

    const api = new ProviderCallApi(this, 'Api', {
      settings,
      authorizer: functions.authorize.function,
      routes: [
        ['POST', 'providercalls', functions.create.function],
        ['GET', 'providercalls', functions.list.function],
        ['GET', 'providercalls/{id}', functions.get.function],
        ['DELETE', 'providercalls/{id}', functions.delete.function],
        ...(platform?.routes ?? []),
      ],
    });

    new events.Rule(this, 'ReconcileSchedule', {
      description: 'Settles what a create that died has left behind',
      schedule: events.Schedule.rate(Duration.minutes(5)),
      // A run that failed is followed by the next one; retries would only pile up behind a backend that is down.
      targets: [new LambdaFunction(functions.reconcile.function, { retryAttempts: 0 })],
    });
    new CfnOutput(this, 'Url', { value: api.restApi.url });
  }
}
