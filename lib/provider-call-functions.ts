import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { TIME_LIMITS } from '../functions/provider-calls/ports.ts';
import { PROVIDER_CALL_TABLE } from '../functions/provider-calls/provider-call-item.ts';
import { backendEnvironment, backendPolicyStatements, secretPolicyStatements } from './backend-access.ts';
import type { Backends, SecretAccess } from './backend-settings.ts';
import type { DurableTable } from './durable-table.ts';
import { FunctionNetwork } from './function-network.ts';
import type { Settings } from './settings.ts';
import { SinglePurposeFunction } from './single-purpose-function.ts';

export type ProviderCallFunctionsProps = {
  settings: Settings;
  backends: Backends;
  providerCalls: DurableTable;
  accessKeys: DurableTable;
  signingKey: SecretAccess;
};

/** The functions of ProviderCall, each with exactly the rights that it needs on the table and beyond. */
export class ProviderCallFunctions extends Construct {
  readonly authorize: SinglePurposeFunction;
  readonly create: SinglePurposeFunction;
  readonly get: SinglePurposeFunction;
  readonly list: SinglePurposeFunction;
  readonly delete: SinglePurposeFunction;
  readonly reconcile: SinglePurposeFunction;

  constructor(scope: Construct, id: string, props: ProviderCallFunctionsProps) {
    super(scope, id);
    const { settings, backends, providerCalls, accessKeys, signingKey } = props;
    const { indexes } = PROVIDER_CALL_TABLE;
    const overAmqp = backends.transport === 'amqp';
    const table = { PROVIDER_CALL_TABLE: providerCalls.name };
    const { ROUTE_BACKEND_URL, AMQP_ROUTE_QUEUE, ...settleBackends } = backendEnvironment(backends);
    // Outside a VPC functions reach the backends over the internet.
    const network =
      settings.vpc === null
        ? undefined
        : new FunctionNetwork(this, 'Network', {
            vpcId: settings.vpc.id,
            subnetIds: settings.vpc.subnetIds,
            backendUrls: [backends.routeUrl, backends.flowUrl, backends.callUrl],
            brokerSecurityGroupId: overAmqp ? backends.brokerSecurityGroupId : null,
          });

    this.authorize = new SinglePurposeFunction(this, 'Authorize', {
      settings,
      name: 'authorize',
      logicalId: 'AuthorizeFunction',
      description: 'Identifies the caller by token or access key and checks the permission',
      environment: {
        SIGNING_KEY_SECRET_ARN: signingKey.secretArn,
        ACCESS_KEY_TABLE: accessKeys.name,
        ...(settings.jwksUrl !== null && { JWKS_URL: settings.jwksUrl }),
      },
      policyStatements: [
        allow(['dynamodb:GetItem'], [accessKeys.arn]),
        ...secretPolicyStatements(signingKey),
      ],
      timeoutSeconds: 10,
      memoryMb: 512,
    });

    this.create = new SinglePurposeFunction(this, 'Create', {
      settings,
      name: overAmqp ? 'create-provider-call-over-amqp' : 'create-provider-call',
      logicalId: 'CreateFunction',
      description: 'Places calls through the chosen provider and records them',
      environment: { ...table, ...backendEnvironment(backends), ...corsEnvironment(settings) },
      policyStatements: [
        allow(
          ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem'],
          [providerCalls.arn],
        ),
        // A repeated request settles the first one, whose calls it compares with those of every open record.
        ...(overAmqp ? [allow(['dynamodb:Query'], [providerCalls.indexArn(indexes.open)])] : []),
        ...backendPolicyStatements(backends),
      ],
      timeoutSeconds: TIME_LIMITS.create / 1000,
      memoryMb: 512,
      // Conditional writes do not work across regions that write the same record, so a stand-by must not dial.
      reservedConcurrency: settings.standby ? 0 : settings.createConcurrency,
      network,
    });

    this.get = new SinglePurposeFunction(this, 'Get', {
      settings,
      name: 'get-provider-call',
      logicalId: 'GetFunction',
      description: "Gets one record of the caller's customer",
      environment: { ...table, ...corsEnvironment(settings) },
      policyStatements: [allow(['dynamodb:GetItem'], [providerCalls.arn])],
      timeoutSeconds: 10,
      memoryMb: 512,
    });

    this.list = new SinglePurposeFunction(this, 'List', {
      settings,
      name: 'list-provider-calls',
      logicalId: 'ListFunction',
      description: "Lists the records of the caller's customer, newest first",
      environment: { ...table, ...corsEnvironment(settings) },
      policyStatements: [
        allow(
          ['dynamodb:Query'],
          [providerCalls.indexArn(indexes.byCustomer), providerCalls.indexArn(indexes.byProvider)],
        ),
      ],
      timeoutSeconds: 10,
      memoryMb: 512,
    });

    this.delete = new SinglePurposeFunction(this, 'Delete', {
      settings,
      name: 'delete-provider-call',
      logicalId: 'DeleteFunction',
      description: "Marks one record of the caller's customer as deleted",
      environment: { ...table, ...corsEnvironment(settings) },
      policyStatements: [allow(['dynamodb:GetItem', 'dynamodb:UpdateItem'], [providerCalls.arn])],
      timeoutSeconds: 10,
      memoryMb: 512,
    });

    this.reconcile = new SinglePurposeFunction(this, 'Reconcile', {
      settings,
      name: overAmqp ? 'reconcile-provider-calls-over-amqp' : 'reconcile-provider-calls',
      logicalId: 'ReconcileFunction',
      description: 'Settles what dead creates left behind',
      environment: { ...table, ...settleBackends },
      policyStatements: [
        allow(['dynamodb:Query'], [providerCalls.indexArn(indexes.open)]),
        // PutItem is for calls whose intent was removed because no calls seemed to exist.
        allow(
          ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem'],
          [providerCalls.arn],
        ),
        ...backendPolicyStatements(backends),
      ],
      timeoutSeconds: 120,
      memoryMb: 256,
      network,
    });
  }

  get all(): SinglePurposeFunction[] {
    return [this.authorize, this.create, this.get, this.list, this.delete, this.reconcile];
  }
}

/**
 * Returns the environment that names the origins whose pages may read a response. The functions set those headers
 * themselves, because the gateway passes their responses through unchanged.
 */
export function corsEnvironment({ corsOrigins }: Settings): Record<string, string> {
  return corsOrigins.length === 0 ? {} : { CORS_ORIGINS: corsOrigins.join(',') };
}

function allow(actions: string[], resources: string[]): iam.PolicyStatement {
  return new iam.PolicyStatement({ actions, resources });
}
