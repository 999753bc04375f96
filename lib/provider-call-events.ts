import { Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as pipes from 'aws-cdk-lib/aws-pipes';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { CHANGE_PATTERNS } from '../functions/events/change-patterns.ts';
import { EVENT_SOURCE } from '../functions/events/provider-call-event.ts';
import type { Settings } from './settings.ts';
import { SinglePurposeFunction } from './single-purpose-function.ts';

export type ProviderCallEventsProps = { settings: Settings; streamArn: string };

/**
 * `providercall_created` and `providercall_deleted` on an event bus, from the table's own stream: exactly what was
 * written is published, and no request waits for it. A pipe selects the changes that are events, a function turns each
 * into the public record, and changes that cannot be published go to a queue.
 */
export class ProviderCallEvents extends Construct {
  readonly bus: events.EventBus;
  readonly deadLetters: sqs.Queue;

  constructor(scope: Construct, id: string, props: ProviderCallEventsProps) {
    super(scope, id);
    const { settings, streamArn } = props;
    const name = `provider-call-${settings.stage}`;
    this.bus = new events.EventBus(this, 'Bus', {
      eventBusName: name,
      description: 'Events about ProviderCall records',
    });
    this.deadLetters = new sqs.Queue(this, 'DeadLetters', {
      encryption: sqs.QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    Validations.of(this.deadLetters).acknowledge({
      id: 'AwsSolutions-SQS3',
      reason: 'It is the dead-letter queue of a pipe; the rule only recognizes those of queues.',
    });
    const enrich = new SinglePurposeFunction(this, 'Enrich', {
      settings,
      name: 'enrich-provider-call-events',
      logicalId: 'EnrichFunction',
      description: 'Turns changes of the table into the events that are published',
      environment: {},
      policyStatements: [],
      timeoutSeconds: 30,
      memoryMb: 256,
    });
    // A log group of this name needs no resource policy, of which a region allows ten.
    const log = new logs.LogGroup(this, 'Log', {
      logGroupName: `/aws/vendedlogs/pipes/${name}`,
      retention: logs.RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = new iam.Role(this, 'Role', {
      assumedBy: new iam.ServicePrincipal('pipes.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    });
    const policy = new iam.Policy(this, 'Policy', {
      roles: [role],
      statements: [
        new iam.PolicyStatement({
          actions: [
            'dynamodb:DescribeStream',
            'dynamodb:GetRecords',
            'dynamodb:GetShardIterator',
            'dynamodb:ListStreams',
          ],
          resources: [streamArn],
        }),
        new iam.PolicyStatement({
          actions: ['lambda:InvokeFunction'],
          resources: [enrich.function.functionArn],
        }),
        new iam.PolicyStatement({ actions: ['events:PutEvents'], resources: [this.bus.eventBusArn] }),
        new iam.PolicyStatement({ actions: ['sqs:SendMessage'], resources: [this.deadLetters.queueArn] }),
      ],
    });
    const pipe = new pipes.CfnPipe(this, 'Pipe', {
      name,
      description: 'Changes of ProviderCall records, from the table to the event bus',
      // A replica's stream has the changes of every region; the active one publishes them.
      desiredState: settings.standby ? 'STOPPED' : 'RUNNING',
      roleArn: role.roleArn,
      source: streamArn,
      sourceParameters: {
        filterCriteria: { filters: CHANGE_PATTERNS.map((pattern) => ({ pattern: JSON.stringify(pattern) })) },
        dynamoDbStreamParameters: {
          // From the oldest change, so that none is missed while the pipe is being created.
          startingPosition: 'TRIM_HORIZON',
          batchSize: 10,
          maximumRetryAttempts: 10,
          onPartialBatchItemFailure: 'AUTOMATIC_BISECT',
          deadLetterConfig: { arn: this.deadLetters.queueArn },
        },
      },
      enrichment: enrich.function.functionArn,
      target: this.bus.eventBusArn,
      targetParameters: {
        eventBridgeEventBusParameters: { source: EVENT_SOURCE, detailType: '$.detail_type' },
        inputTemplate: '<$.detail>',
      },
      // Without the execution data, which contains the record and its telephone numbers.
      logConfiguration: { level: 'ERROR', cloudwatchLogsLogDestination: { logGroupArn: log.logGroupArn } },
    });
    pipe.node.addDependency(policy);
  }
}
