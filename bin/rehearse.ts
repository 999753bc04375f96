/**
 * Rehearses deployments with the real CDK CLI against moto's emulation of CloudFormation: a sandbox with its stand-in
 * and console, a stack in a second region that takes over the tables of the first, and that stack again with its
 * backends moved behind a message broker in a VPC. Then it runs the runbook's commands for ambiguous records against
 * the deployed table. It shows that the templates, their order, their assets and their references are consistent. moto
 * does not create API stages, aliases, alarms, pipes, function URLs or log deliveries and does not run functions, so
 * the rehearsal says nothing about those.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import {
  CreateTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  ListTablesCommand,
} from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { runbookCommands } from './runbook-commands.ts';

const REGION = 'eu-central-1';
/** Where the stack of the console's logs is, and where a stack takes over. */
const LOGS_REGION = 'us-east-1';
const SECOND_REGION = 'eu-west-1';
/** The account that moto emulates. */
const ACCOUNT = '123456789012';
/** Maximum milliseconds for moto to start, even on a busy machine. */
const START_MS = 60_000;

const STAND_IN = 'provider-call-sandbox-platform';
const PROVIDER_CALL = 'provider-call-sandbox';
const CONSOLE_LOGS = 'provider-call-sandbox-console-logs';
const SECOND = 'provider-call-second';

/** A record whose calls are unknown, and a call that may be one of them. */
const RECORD = 'b7d1c0f6-9a2e-4b3f-8e2a-1c7d5b8a9e0f';
const CALL = '9f8e7d6c-5b4a-4c2d-8e0f-abcdef012345';

const ROOT = join(import.meta.dirname, '..');

/** moto does not create secrets, so the stacks are given an existing one. */
const SIGNING_KEY = `signingKeySecretArn=arn:aws:secretsmanager:${REGION}:${ACCOUNT}:secret:rehearsal-AbCdEf`;

const missing = ['moto_server', 'aws'].filter(
  (program) => spawnSync(program, ['--version'], { stdio: 'ignore' }).error !== undefined,
);
if (missing.length > 0) {
  console.log(
    `rehearsal skipped: there is no ${missing.join(' and no ')} on this machine, so nothing was deployed anywhere`,
  );
} else {
  await rehearseOnMoto();
}

async function rehearseOnMoto(): Promise<void> {
  const workplace = mkdtempSync(join(tmpdir(), 'provider-call-rehearsal-'));
  const port = await freePort();
  const moto = spawn('moto_server', ['-p', String(port)], { stdio: 'ignore' });
  try {
    // A host name, because moto takes the "127" of 127.0.0.1 for the name of a bucket.
    const endpoint = `http://localhost:${port}`;
    await waitFor(endpoint);
    const rehearsal = { endpoint, workplace };
    for (const region of [REGION, LOGS_REGION, SECOND_REGION]) {
      // Run outside the app's folder, where bootstrap does not leave an unbundled assembly behind.
      cdk(rehearsal, `bootstrap ${region}`, ['bootstrap', `aws://${ACCOUNT}/${region}`], {
        cwd: workplace,
        region,
      });
    }
    await rehearseSandbox(rehearsal);
    await rehearseTakeover(rehearsal);
    await rehearseRunbook(rehearsal);
    await rehearseDestroy(rehearsal);
    console.log(
      'rehearsal passed: sandbox deployed and deployed again without changes, another region on its tables, moved behind a broker, an ambiguous record completed by hand, all destroyed',
    );
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  } finally {
    moto.kill();
    rmSync(workplace, { recursive: true, force: true });
  }
}

/** Where moto listens, and a folder for the rehearsal's files. */
type Rehearsal = { endpoint: string; workplace: string };

/** Deploys the sandbox twice: its three tables are there, and the second time nothing changes. */
async function rehearseSandbox(rehearsal: Rehearsal): Promise<void> {
  const stacks = [STAND_IN, PROVIDER_CALL, CONSOLE_LOGS];
  synthesize(rehearsal, 'sandbox', REGION, stacks, ['retain=false', SIGNING_KEY]);
  deploy(rehearsal, 'sandbox', REGION);
  const tables = await listTables(rehearsal, REGION);
  if (tables.length !== 3) {
    throw new Error(`the deployment should create 3 tables, not ${tables.join(', ') || 'none'}`);
  }
  const again = deploy(rehearsal, 'sandbox', REGION);
  if (again.split('(no changes)').length !== stacks.length + 1) {
    throw new Error(`the second deployment should change no stack:\n${again}`);
  }
}

/**
 * Deploys a stack in the second region on replicas of the first one's tables: as a stand-by, then to take over. moto replicates no
 * table, so the replicas are empty tables with the same names and keys.
 */
async function rehearseTakeover(rehearsal: Rehearsal): Promise<void> {
  const names = (await listTables(rehearsal, REGION)).filter((name) => !name.startsWith(`${STAND_IN}-`));
  const streams = await Promise.all(names.map((name) => replicate(rehearsal, name)));
  const [providerCalls] = streams.filter(({ streamArn }) => streamArn !== undefined);
  const [accessKeys] = streams.filter(({ streamArn }) => streamArn === undefined);
  if (providerCalls === undefined || accessKeys === undefined) {
    throw new Error(`one of ${names.join(', ')} should have a stream`);
  }
  const context = [
    'stage=second',
    'platformStandIn=false',
    `providerCallTableName=${providerCalls.name}`,
    `providerCallTableStreamArn=${providerCalls.streamArn}`,
    `accessKeyTableName=${accessKeys.name}`,
    SIGNING_KEY,
  ];
  const http = [
    'routeBackendUrl=https://route.example.com',
    'flowBackendUrl=https://flow.example.com',
    'callBackendUrl=https://call.example.com',
    'backendAuth=none',
  ];
  const steps = {
    standby: [...http, 'standby=true'],
    takeover: http,
    'behind-broker': brokerContext(rehearsal),
  };
  for (const [assembly, settings] of Object.entries(steps)) {
    const text = synthesize(rehearsal, assembly, SECOND_REGION, [SECOND], [...context, ...settings]);
    deploy(rehearsal, assembly, SECOND_REGION);
    if (!text.includes(`"PROVIDER_CALL_TABLE":"${providerCalls.name}"`)) {
      throw new Error(`the functions in ${SECOND_REGION} should use ${providerCalls.name}`);
    }
    const tables = await listTables(rehearsal, SECOND_REGION);
    if (tables.length !== 2) {
      throw new Error(
        `a stack on existing tables should create none beside ${names.join(', ')}: ${tables.join(', ')}`,
      );
    }
  }
}

/** The settings for a broker in moto's default VPC. */
function brokerContext(rehearsal: Rehearsal): string[] {
  const ask = (what: string, query: string) =>
    run(rehearsal, SECOND_REGION, `aws ec2 describe-${what} --query '${query}' --output text`).trim();
  const [vpcId, subnetId] = ask('subnets', 'Subnets[0].[VpcId,SubnetId]').split(/\s+/);
  if (vpcId === undefined || subnetId === undefined) throw new Error('moto should have a default VPC');
  const group = ask('security-groups', `SecurityGroups[?VpcId==\`${vpcId}\`] | [0].GroupId`);
  return [
    'routeBackendUrl=amqps://broker.example.com/voip',
    'flowBackendUrl=amqps://broker.example.com/voip',
    'callBackendUrl=amqps://broker.example.com/voip',
    `amqpSecretArn=arn:aws:secretsmanager:${SECOND_REGION}:${ACCOUNT}:secret:broker-AbCdEf`,
    `vpcId=${vpcId}`,
    `vpcSubnetIds=${subnetId}`,
    `amqpBrokerSecurityGroupId=${group}`,
  ];
}

/** Completes an ambiguous record with the commands in docs/operations.md, as an operator would. */
async function rehearseRunbook(rehearsal: Rehearsal): Promise<void> {
  const [table] = (await listTables(rehearsal, REGION)).filter((name) =>
    name.startsWith(`${PROVIDER_CALL}-ProviderCalls`),
  );
  if (table === undefined) throw new Error(`${PROVIDER_CALL} should have a table of ProviderCalls`);
  const client = DynamoDBDocumentClient.from(dynamodbIn(rehearsal, REGION));
  const put = (item: Record<string, unknown>) =>
    client.send(new PutCommand({ TableName: table, Item: item }));
  const get = async (id: string) =>
    (await client.send(new GetCommand({ TableName: table, Key: { id } }))).Item;
  const complete = () =>
    run(rehearsal, REGION, runbookCommands('complete an ambiguous record'), {
      TABLE: table,
      ID: RECORD,
      CALL_ID: CALL,
      ATTEMPT: 'first',
    });

  await put({
    id: RECORD,
    attempt: 'first',
    state: 'unconfirmed',
    open: 'open',
    due: 'now',
    candidates: [CALL],
  });
  await put({ id: `call:${CALL}`, claimed_by: 'another record' });
  const refused = attempt(complete);
  if (
    !refused?.includes('TransactionCanceledException') ||
    (await get(RECORD))?.['state'] !== 'unconfirmed'
  ) {
    throw new Error(`a call of another record should not complete this one:\n${refused ?? 'it did'}`);
  }

  await put({ id: `call:${CALL}`, claimed_by: RECORD });
  complete();
  const { tm_update: updatedAt, ...record } = (await get(RECORD)) ?? {};
  const expected = { id: RECORD, attempt: 'first', state: 'placed', call_ids: [CALL], groupcall_ids: [] };
  if (!isDeepStrictEqual(record, expected) || !/^\d{4}(-\d\d){2} .*\.0{6}$/.test(String(updatedAt))) {
    throw new Error(`the record should be placed, not ${JSON.stringify(record)}`);
  }
  client.destroy();
}

/** Returns why the work failed, or undefined if it succeeded. */
function attempt(work: () => void): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    return String(error);
  }
}

async function rehearseDestroy(rehearsal: Rehearsal): Promise<void> {
  const assemblies = [
    ['behind-broker', SECOND_REGION, [SECOND]],
    ['sandbox', REGION, [CONSOLE_LOGS, PROVIDER_CALL, STAND_IN]],
  ] as const;
  for (const [assembly, region, stacks] of assemblies) {
    const output = cdk(
      rehearsal,
      `destroy ${assembly}`,
      ['destroy', '--all', '--force', `--app=${join(rehearsal.workplace, assembly)}`],
      { region },
    );
    for (const stack of stacks) {
      if (!output.includes(`${stack}: destroyed`)) throw new Error(`${stack} was not destroyed:\n${output}`);
    }
  }
  const replicas = await listTables(rehearsal, SECOND_REGION);
  if (replicas.length !== 2)
    throw new Error(`destroying a stack on existing tables should leave both, not ${replicas.join(', ')}`);
  // The CLI requests the outputs of each stack that it has destroyed, and to report those of the stand-in, moto creates
  // its table again. The tables of ProviderCall stay deleted, because no other stack reads its outputs.
  const left = (await listTables(rehearsal, REGION)).filter((name) => !name.startsWith(`${STAND_IN}-`));
  if (left.length > 0) {
    throw new Error(`destroy should delete every table of ${PROVIDER_CALL}, not leave ${left.join(', ')}`);
  }
}

/** Synthesizes an assembly, replacing what moto does not create in its templates. Returns their text. */
function synthesize(
  rehearsal: Rehearsal,
  assembly: string,
  region: string,
  stacks: readonly string[],
  context: string[],
): string {
  const outdir = join(rehearsal.workplace, assembly);
  const args = ['synth', '--quiet', `--output=${outdir}`, ...context.map((entry) => `--context=${entry}`)];
  cdk(rehearsal, `synth ${assembly}`, args, { region });
  return stacks.map((stack) => replaceUnsupported(join(outdir, `${stack}.template.json`))).join('\n');
}

function deploy(rehearsal: Rehearsal, assembly: string, region: string): string {
  const app = `--app=${join(rehearsal.workplace, assembly)}`;
  const args = ['deploy', '--all', app, '--method=direct', '--require-approval=never'];
  return cdk(rehearsal, `deploy ${assembly}`, args, { region });
}

/** Runs shell commands with the AWS CLI directed to moto, and returns their output. */
function run(
  { endpoint, workplace }: Rehearsal,
  region: string,
  commands: string,
  variables: Record<string, string> = {},
): string {
  const env = { ...environmentOf({ endpoint, workplace }, region), ...variables };
  const { status, stdout, stderr } = spawnSync('bash', ['-ec', commands], { env, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${commands}\nfailed:\n${stdout}${stderr}`);
  return stdout;
}

/** The variables of a program that talks to moto. Nothing of the user's own configuration may lead to a real account. */
function environmentOf({ endpoint, workplace }: Rehearsal, region: string): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'],
    HOME: workplace,
    AWS_CONFIG_FILE: join(workplace, 'no-config'),
    AWS_SHARED_CREDENTIALS_FILE: join(workplace, 'no-credentials'),
    AWS_ACCESS_KEY_ID: 'rehearsal',
    AWS_SECRET_ACCESS_KEY: 'rehearsal',
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: region,
    // The name that version 1 of the AWS CLI uses.
    AWS_DEFAULT_REGION: region,
    AWS_EC2_METADATA_DISABLED: 'true',
    CI: 'true',
  };
}

/** Runs the CDK CLI, in this repository or elsewhere, and returns its output. */
function cdk(
  rehearsal: Rehearsal,
  what: string,
  args: string[],
  { cwd = ROOT, region }: { cwd?: string; region: string },
): string {
  const startedAt = performance.now();
  const cli = join(ROOT, 'node_modules', 'aws-cdk', 'bin', 'cdk');
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, ...args], {
    cwd,
    env: environmentOf(rehearsal, region),
    encoding: 'utf8',
  });
  const output = `${stdout}${stderr}`;
  if (status !== 0) throw new Error(`${what} failed:\n${output}`);
  console.log(`rehearsal: ${what}, ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
  return output;
}

function dynamodbIn({ endpoint }: Rehearsal, region: string): DynamoDBClient {
  const credentials = { accessKeyId: 'rehearsal', secretAccessKey: 'rehearsal' };
  return new DynamoDBClient({ endpoint, region, credentials });
}

async function listTables(rehearsal: Rehearsal, region: string): Promise<string[]> {
  const client = dynamodbIn(rehearsal, region);
  const { TableNames = [] } = await client.send(new ListTablesCommand({}));
  client.destroy();
  return TableNames;
}

/** Creates a table of the first region in the second one, with its keys, indexes and stream. Returns its name and stream there. */
async function replicate(
  rehearsal: Rehearsal,
  name: string,
): Promise<{ name: string; streamArn: string | undefined }> {
  const first = dynamodbIn(rehearsal, REGION);
  const second = dynamodbIn(rehearsal, SECOND_REGION);
  const { Table: table } = await first.send(new DescribeTableCommand({ TableName: name }));
  const indexes = table?.GlobalSecondaryIndexes ?? [];
  const created = await second.send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: table?.KeySchema,
      AttributeDefinitions: table?.AttributeDefinitions,
      ...(table?.StreamSpecification && { StreamSpecification: table.StreamSpecification }),
      ...(indexes.length > 0 && {
        GlobalSecondaryIndexes: indexes.map(({ IndexName, KeySchema, Projection }) => ({
          IndexName,
          KeySchema,
          Projection,
        })),
      }),
    }),
  );
  first.destroy();
  second.destroy();
  return { name, streamArn: created.TableDescription?.LatestStreamArn };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}

async function waitFor(url: string): Promise<void> {
  const deadline = Date.now() + START_MS;
  while (!(await responds(url))) {
    if (Date.now() > deadline) throw new Error(`moto_server did not respond within ${START_MS / 1000} s`);
    await delay(200);
  }
}

async function responds(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).status > 0;
  } catch {
    return false;
  }
}

/**
 * Replaces references to what moto does not create: an alias by its function, other attributes by a made-up value. The
 * upload of the console's files is removed, because only a Lambda function could do it. The rest of the template is not
 * changed.
 *
 * @returns the template as it is deployed
 */
function replaceUnsupported(file: string): string {
  const template = templateSchema().parse(JSON.parse(readFileSync(file, 'utf8')));
  const unsupported = new Map<string, unknown>();
  for (const [id, resource] of Object.entries(template.Resources)) {
    const { Type: type, Properties: properties } = resource;
    if (type === 'Custom::CDKBucketDeployment') delete template.Resources[id];
    if (type === 'AWS::ApiGateway::Method') resource.Properties = withIntegrationCall(properties);
    if (type === 'AWS::Lambda::Alias') {
      const { FunctionName: aliased } = aliasSchema().parse(properties);
      unsupported.set(JSON.stringify({ Ref: id }), { 'Fn::GetAtt': [aliased.Ref, 'Arn'] });
    }
    for (const attribute of unsupportedAttributes(type)) {
      unsupported.set(JSON.stringify({ 'Fn::GetAtt': [id, attribute] }), `https://${id}.invalid/`);
    }
  }
  const replaced = [...unsupported].reduce(
    (text, [reference, value]) => text.replaceAll(reference, JSON.stringify(value)),
    JSON.stringify(template),
  );
  writeFileSync(file, replaced);
  return replaced;
}

/** moto requires the HTTP method and URI of every integration; a mock integration has none. */
function withIntegrationCall(properties: unknown): unknown {
  const { Integration, ...others } = z.looseObject({ Integration: z.looseObject({}) }).parse(properties);
  return {
    ...others,
    Integration: { IntegrationHttpMethod: 'POST', Uri: 'https://mock.invalid', ...Integration },
  };
}

/** Attributes of a type that templates refer to but moto does not support. */
function unsupportedAttributes(type: string): string[] {
  const attributes: Readonly<Record<string, string[]>> = {
    'AWS::Lambda::Url': ['FunctionUrl'],
    'AWS::CloudWatch::Alarm': ['Arn'],
    'AWS::CloudFront::Distribution': ['DomainName'],
  };
  return attributes[type] ?? [];
}

function templateSchema() {
  const resource = z.looseObject({ Type: z.string(), Properties: z.optional(z.unknown()) });
  return z.looseObject({ Resources: z.record(z.string(), resource) });
}

function aliasSchema() {
  return z.object({ FunctionName: z.object({ Ref: z.string() }) });
}
