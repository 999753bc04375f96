import { CfnOutput, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type { Construct } from 'constructs';
import { PROVIDER_CALL_ROUTES } from '../contract/routes.ts';
import { ACCESS_KEY_TABLE } from '../functions/auth/access-key-table.ts';
import { PROVIDER_CALL_TABLE } from '../functions/provider-calls/provider-call-item.ts';
import type { Backends } from './backend-settings.ts';
import { ConsoleSite } from './console-site.ts';
import { CustomDomain } from './custom-domain.ts';
import { DurableTable } from './durable-table.ts';
import { GradualDeployment } from './gradual-deployment.ts';
import { REQUEST_OPERATIONS } from './metrics.ts';
import { OperatorAlarms } from './operator-alarms.ts';
import { OperatorDashboard } from './operator-dashboard.ts';
import { PlatformApiFunction } from './platform-api-function.ts';
import { ProviderCallApi } from './provider-call-api.ts';
import { ProviderCallEvents } from './provider-call-events.ts';
import { ProviderCallFunctions } from './provider-call-functions.ts';
import type { Settings } from './settings.ts';
import { SigningKey } from './signing-key.ts';

/** The output in which the stack of the console's logs finds the distribution. */
export const DISTRIBUTION_ARN_OUTPUT = 'ConsoleDistributionArn';

export type ProviderCallStackProps = StackProps & { settings: Settings; backends: Backends };

/**
 * ProviderCall: tables, functions, API, and the schedule that settles what a dead create left behind. On one machine
 * (stage local) that is all; a deployed stack also publishes events, is monitored, and is updated gradually.
 */
export class ProviderCallStack extends Stack {
  constructor(scope: Construct, id: string, { settings, backends, ...props }: ProviderCallStackProps) {
    super(scope, id, props);

    const providerCalls = new DurableTable(this, 'ProviderCalls', {
      settings,
      partitionKey: PROVIDER_CALL_TABLE.partitionKey,
      indexes: Object.values(PROVIDER_CALL_TABLE.indexes),
      stream: true,
      existing: settings.existingTables?.providerCalls,
    });
    const accessKeys = new DurableTable(this, 'AccessKeys', {
      settings,
      partitionKey: ACCESS_KEY_TABLE.partitionKey,
      existing: settings.existingTables?.accessKeys,
    });
    const signingKey = new SigningKey(this, 'SigningKey', { settings });

    const functions = new ProviderCallFunctions(this, 'Functions', {
      settings,
      backends,
      providerCalls,
      accessKeys,
      signingKey: signingKey.access,
    });
    // The platform's endpoints, if the platform stand-in serves them.
    const platformApi =
      settings.stage === 'local' || settings.backends === null
        ? new PlatformApiFunction(this, 'PlatformApi', { settings, backends })
        : undefined;

    const { restApi } = new ProviderCallApi(this, 'Api', {
      settings,
      authorizer: functions.authorize.live,
      binaryMedia: platformApi !== undefined,
      routes: [
        ...PROVIDER_CALL_ROUTES.map(({ method, path, operation }) => ({
          method,
          path,
          handler: functions[operation].live,
        })),
        ...(platformApi?.routes ?? []),
      ],
    });

    // A run that failed is followed by the next one; retries would only pile up behind a backend that is down. The
    // rule's retry policy limits EventBridge's delivery; the function's own limits what Lambda does with an event that
    // it has accepted.
    functions.reconcile.live.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: Duration.minutes(5) });
    new events.Rule(this, 'ReconcileSchedule', {
      description: 'Settles what dead creates left behind',
      schedule: events.Schedule.rate(Duration.minutes(5)),
      enabled: !settings.standby,
      targets: [new LambdaFunction(functions.reconcile.live, { retryAttempts: 0 })],
    });

    if (settings.stage === 'local') return;
    if (providerCalls.streamArn === undefined) throw new Error('the ProviderCall table has no stream');

    const published = new ProviderCallEvents(this, 'Events', {
      settings,
      streamArn: providerCalls.streamArn,
    });
    const alarms = new OperatorAlarms(this, 'Alarms', {
      settings,
      functions,
      restApi,
      deadLetters: published.deadLetters,
    });
    new OperatorDashboard(this, 'Operations', {
      settings,
      functions,
      restApi,
      providerCalls,
      alarms: alarms.all,
    });
    if (settings.canary) {
      new GradualDeployment(this, 'Deployment', {
        settings,
        functions: [
          { operation: 'authorize', source: functions.authorize },
          ...REQUEST_OPERATIONS.map((operation) => ({ operation, source: functions[operation] })),
          { operation: 'reconcile', source: functions.reconcile },
          ...(platformApi === undefined ? [] : [{ operation: 'platform' as const, source: platformApi }]),
        ],
      });
    }
    const domain =
      settings.domain === null
        ? undefined
        : new CustomDomain(this, 'Domain', { domain: settings.domain, restApi });
    const console =
      settings.console === null ? undefined : new ConsoleSite(this, 'Console', { settings, restApi });

    const { secretArn } = signingKey.access;
    this.output('Url', domain?.url ?? restApi.url, 'Base URL, to which v1.0/providercalls is appended');
    if (domain !== undefined) {
      this.output('DomainTarget', domain.target, "Target of the custom domain's DNS record");
    }
    if (console !== undefined) {
      this.output('ConsoleUrl', console.url, 'The console');
      this.output(
        DISTRIBUTION_ARN_OUTPUT,
        console.distribution.distributionArn,
        "The console's distribution, whose logs another stack may deliver",
      );
    }
    this.output('ProviderCallTable', providerCalls.name, 'Table of the audit records');
    this.output('AccessKeyTable', accessKeys.name, 'Table of the access keys');
    this.output('SigningKeySecretArn', secretArn, 'Secret with the keys that tokens are signed with');
    this.output(
      'EventBus',
      published.bus.eventBusName,
      'Event bus of providercall_created and providercall_deleted',
    );
    this.output('AlarmTopic', alarms.topic.topicArn, 'Topic that the alarms notify');
    this.output(
      'FirstToken',
      firstToken(secretArn),
      'Command that signs a super-admin token, valid for an hour',
    );
  }

  private output(name: string, value: string, description: string): void {
    new CfnOutput(this, name, { value, description });
  }
}

/** The shell command that signs a token with the deployed key, which it never prints. */
function firstToken(secretArn: string): string {
  return `JWT_KEY=$(aws secretsmanager get-secret-value --secret-id ${secretArn} --query SecretString --output text | npx node -p 'JSON.parse(fs.readFileSync(0)).current') npm run -s token`;
}
