/**
 * Rehearses a deployment: both stacks, with the real CDK CLI, against moto's emulation of CloudFormation. It shows that the
 * templates, their order, their assets and their references hang together; moto makes no API stage, alias, alarm, pipe or
 * function URL and runs no function, so of those it shows nothing.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import * as z from 'zod/mini';

const REGION = 'eu-central-1';
/** The account that moto plays. */
const ACCOUNT = '123456789012';
/** As long as moto and a busy machine may take to start, in milliseconds. */
const START_MS = 60_000;

const STACKS = { standIn: 'provider-call-sandbox-platform', providerCall: 'provider-call-sandbox' } as const;

const root = join(import.meta.dirname, '..');

const freePort = async (): Promise<number> => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port to be had');
  return address.port;
};

const responds = async (url: string): Promise<boolean> => {
  try {
    return (await fetch(url)).status > 0;
  } catch {
    return false;
  }
};

const waitFor = async (url: string): Promise<void> => {
  const deadline = Date.now() + START_MS;
  while (!(await responds(url))) {
    if (Date.now() > deadline) throw new Error(`moto_server did not respond within ${START_MS / 1000} s`);
    await delay(200);
  }
};

const templateSchema = z.looseObject({
  Resources: z.record(z.string(), z.looseObject({ Type: z.string(), Properties: z.optional(z.unknown()) })),
});
const aliasSchema = z.object({ FunctionName: z.object({ Ref: z.string() }) });

/** Types of which moto makes nothing, and the attribute of each that is asked for. */
const unmadeAttributes: Readonly<Record<string, string>> = {
  'AWS::Lambda::Url': 'FunctionUrl',
  'AWS::CloudWatch::Alarm': 'Arn',
};

/**
 * Names what moto does not make by something that it does: an alias by its function, other attributes by a made-up value.
 * Nothing else of a template is touched.
 */
const replaceUnmade = (file: string): void => {
  const template = templateSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  const unmade = new Map<string, unknown>();
  for (const [id, { Type: type, Properties: properties }] of Object.entries(template.Resources)) {
    if (type === 'AWS::Lambda::Alias') {
      const { FunctionName: aliased } = aliasSchema.parse(properties);
      unmade.set(JSON.stringify({ Ref: id }), { 'Fn::GetAtt': [aliased.Ref, 'Arn'] });
    }
    const attribute = unmadeAttributes[type];
    if (attribute !== undefined) {
      unmade.set(JSON.stringify({ 'Fn::GetAtt': [id, attribute] }), `https://${id}.invalid/`);
    }
  }
  const replaced = [...unmade].reduce(
    (text, [reference, value]) => text.replaceAll(reference, JSON.stringify(value)),
    JSON.stringify(template),
  );
  writeFileSync(file, replaced);
};

const rehearse = async (endpoint: string, workplace: string): Promise<void> => {
  const env = {
    PATH: process.env['PATH'],
    HOME: workplace,
    // Nothing of the user's own configuration may lead to a real account.
    AWS_CONFIG_FILE: join(workplace, 'no-config'),
    AWS_SHARED_CREDENTIALS_FILE: join(workplace, 'no-credentials'),
    AWS_ACCESS_KEY_ID: 'rehearsal',
    AWS_SECRET_ACCESS_KEY: 'rehearsal',
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: REGION,
    AWS_EC2_METADATA_DISABLED: 'true',
    CI: 'true',
  };
  /** Runs the CDK CLI, in this repository or elsewhere, and returns its output. */
  const cdk = (what: string, args: string[], cwd = root): string => {
    const startedAt = performance.now();
    const cli = join(root, 'node_modules', 'aws-cdk', 'bin', 'cdk');
    const { status, stdout, stderr } = spawnSync(process.execPath, [cli, ...args], {
      cwd,
      env,
      encoding: 'utf8',
    });
    const said = `${stdout}${stderr}`;
    if (status !== 0) throw new Error(`${what} failed:\n${said}`);
    console.log(`rehearsal: ${what}, ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
    return said;
  };
  const tables = async (): Promise<string[]> => {
    const client = new DynamoDBClient({
      endpoint,
      region: REGION,
      credentials: { accessKeyId: 'rehearsal', secretAccessKey: 'rehearsal' },
    });
    const { TableNames = [] } = await client.send(new ListTablesCommand({}));
    client.destroy();
    return TableNames;
  };

  const assembly = join(workplace, 'cdk.out');
  // Not from here: without its app's own folder, bootstrap leaves no unbundled assembly behind.
  cdk('bootstrap', ['bootstrap', `aws://${ACCOUNT}/${REGION}`], workplace);
  cdk('synth', [
    'synth',
    '--quiet',
    `--output=${assembly}`,
    '--context=retain=false',
    // moto makes no secret, so the stack gets one that exists.
    `--context=signingKeySecretArn=arn:aws:secretsmanager:${REGION}:${ACCOUNT}:secret:rehearsal-AbCdEf`,
  ]);
  for (const stack of Object.values(STACKS)) {
    replaceUnmade(join(assembly, `${stack}.template.json`));
  }

  const deploy = ['deploy', '--all', `--app=${assembly}`, '--method=direct', '--require-approval=never'];
  cdk('deploy', deploy);
  const deployed = await tables();
  if (deployed.length !== 3) {
    throw new Error(`the deploy was to make 3 tables, not ${deployed.join(', ') || 'none'}`);
  }
  const again = cdk('second deploy', deploy);
  if (again.split('(no changes)').length !== 3) {
    throw new Error(`the second deploy was to change neither stack:\n${again}`);
  }
  const destroyed = cdk('destroy', ['destroy', '--all', '--force', `--app=${assembly}`]);
  for (const stack of Object.values(STACKS)) {
    if (!destroyed.includes(`${stack}: destroyed`))
      throw new Error(`${stack} was not destroyed:\n${destroyed}`);
  }
  // The CLI asks for the outputs of each stack that it has destroyed, and moto, to tell those of the stand-in, makes its table
  // anew. The tables of ProviderCall, which has no output that another stack reads, stay away.
  const left = (await tables()).filter((name) => !name.startsWith(`${STACKS.standIn}-`));
  if (left.length > 0) {
    throw new Error(
      `destroy was to take away every table of ${STACKS.providerCall}, not leave ${left.join(', ')}`,
    );
  }
};

if (spawnSync('moto_server', ['--help'], { stdio: 'ignore' }).status !== 0) {
  console.log('rehearsal skipped: there is no moto_server on this machine, so nothing was deployed anywhere');
} else {
  const workplace = mkdtempSync(join(tmpdir(), 'provider-call-rehearsal-'));
  const port = await freePort();
  const moto = spawn('moto_server', ['-p', String(port)], { stdio: 'ignore' });
  try {
    // By this name: at 127.0.0.1 moto takes "127" for the name of a bucket.
    const endpoint = `http://localhost:${port}`;
    await waitFor(endpoint);
    await rehearse(endpoint, workplace);
    console.log('rehearsal passed: both stacks deployed, deployed again without changes, destroyed');
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  } finally {
    moto.kill();
    rmSync(workplace, { recursive: true, force: true });
  }
}
