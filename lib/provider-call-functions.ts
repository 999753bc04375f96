import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { providerCallTable } from '../functions/provider-calls/table.ts';
import { timeLimits } from '../functions/provider-calls/time-limits.ts';
import { backendEnvironment, mayCallBackends, mayReadSecret } from './backend-access.ts';
import type { DurableTable } from './durable-table.ts';
import { FunctionNetwork } from './function-network.ts';
import type { Backends, Settings } from './settings.ts';
import { SinglePurposeFunction } from './single-purpose-function.ts';

const { indexes } = providerCallTable;

export type ProviderCallFunctionsProps = {
  settings: Settings;
  backends: Backends;
  providerCalls: DurableTable;
  accessKeys: DurableTable;
  signingKeySecretArn: string;
};

const may = (actions: string[], resources: string[]): iam.PolicyStatement =>
  new iam.PolicyStatement({ actions, resources });

/** The functions of ProviderCall, each with what it does to the table and to whom else it speaks. */
export class ProviderCallFunctions extends Construct {
  readonly authorize: SinglePurposeFunction;
  readonly create: SinglePurposeFunction;
  readonly get: SinglePurposeFunction;
  readonly list: SinglePurposeFunction;
  readonly delete: SinglePurposeFunction;
  readonly reconcile: SinglePurposeFunction;
  /** Where functions that call backends run; undefined outside a VPC. */
  readonly network: FunctionNetwork | undefined;

  constructor(scope: Construct, id: string, props: ProviderCallFunctionsProps) {
    super(scope, id);
    const { settings, backends, providerCalls, accessKeys, signingKeySecretArn } = props;
    const table = { PROVIDER_CALL_TABLE: providerCalls.name };
    const { ROUTE_BACKEND_URL, ...settleBackends } = backendEnvironment(backends);
    this.network =
      settings.vpc === null
        ? undefined
        : new FunctionNetwork(this, 'Network', {
            vpcId: settings.vpc.id,
            subnetIds: settings.vpc.subnetIds,
            backendUrls: [backends.routeUrl, backends.flowUrl, backends.callUrl],
          });

    this.authorize = new SinglePurposeFunction(this, 'Authorize', {
      settings,
      name: 'authorize',
      description: 'Tells who asks, by token or access key, and whether they may',
      environment: {
        SIGNING_KEY_SECRET_ARN: signingKeySecretArn,
        ACCESS_KEY_TABLE: accessKeys.name,
        ...(settings.jwksUrl !== null && { JWKS_URL: settings.jwksUrl }),
      },
      may: [may(['dynamodb:GetItem'], [accessKeys.arn]), mayReadSecret(signingKeySecretArn)],
      timeoutSeconds: 10,
      memoryMb: 512,
    });
    this.create = new SinglePurposeFunction(this, 'Create', {
      settings,
      name: 'create-provider-call',
      description: 'Places calls through the chosen provider and records them',
      environment: { ...table, ...backendEnvironment(backends), ...corsEnvironment(settings) },
      may: [
        may(
          ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem'],
          [providerCalls.arn],
        ),
        ...mayCallBackends(backends),
      ],
      timeoutSeconds: timeLimits.create / 1000,
      memoryMb: 512,
      reservedConcurrency: settings.createConcurrency,
      network: this.network,
    });
    this.get = new SinglePurposeFunction(this, 'Get', {
      settings,
      name: 'get-provider-call',
      description: 'Gets one record of the customer who asks',
      environment: { ...table, ...corsEnvironment(settings) },
      may: [may(['dynamodb:GetItem'], [providerCalls.arn])],
      timeoutSeconds: 10,
      memoryMb: 512,
    });
    this.list = new SinglePurposeFunction(this, 'List', {
      settings,
      name: 'list-provider-calls',
      description: 'Lists the records of the customer who asks, newest first',
      environment: { ...table, ...corsEnvironment(settings) },
      may: [
        may(
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
      description: 'Marks one record of the customer who asks as deleted',
      environment: { ...table, ...corsEnvironment(settings) },
      may: [may(['dynamodb:GetItem', 'dynamodb:UpdateItem'], [providerCalls.arn])],
      timeoutSeconds: 10,
      memoryMb: 512,
    });
    this.reconcile = new SinglePurposeFunction(this, 'Reconcile', {
      settings,
      name: 'reconcile-provider-calls',
      description: 'Settles what a create that died has left behind',
      environment: { ...table, ...settleBackends },
      may: [
        may(['dynamodb:Query'], [providerCalls.indexArn(indexes.open)]),
        // PutItem is for calls whose intent somebody removed in the belief that there were none.
        may(
          ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem'],
          [providerCalls.arn],
        ),
        ...mayCallBackends(backends),
      ],
      timeoutSeconds: 120,
      memoryMb: 256,
      network: this.network,
    });
  }

  get all(): SinglePurposeFunction[] {
    return [this.authorize, this.create, this.get, this.list, this.delete, this.reconcile];
  }
}

/** Origins whose pages may read an answer; the functions answer for themselves, as the gateway only passes them on. */
export const corsEnvironment = ({ corsOrigins }: Settings): Record<string, string> =>
  corsOrigins.length === 0 ? {} : { CORS_ORIGINS: corsOrigins.join(',') };
