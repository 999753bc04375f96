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

const root = join(import.meta.dirname, '..');

const freePort = async (): Promise<number> => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port to be had');
  return address.port;
};

const answers = async (url: string): Promise<boolean> => {
  try {
    return (await fetch(url)).status > 0;
  } catch {
    return false;
  }
};

const waitFor = async (url: string): Promise<void> => {
  const deadline = Date.now() + START_MS;
  while (!(await answers(url))) {
    if (Date.now() > deadline) throw new Error(`moto_server did not answer within ${START_MS / 1000} s`);
    await delay(200);
  }
};

const templateSchema = z.looseObject({
  Resources: z.record(z.string(), z.looseObject({ Type: z.string(), Properties: z.optional(z.unknown()) })),
});
const aliasSchema = z.object({ FunctionName: z.unknown() });

/**
 * Names what moto does not make by something that it does: an alias by its function, the function URL by a made-up one.
 * Nothing else of a template is touched.
 */
const replaceUnmade = (file: string): void => {
  const template = templateSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  const unmade = new Map<string, unknown>();
  for (const [id, { Type: type, Properties: properties }] of Object.entries(template.Resources)) {
    if (type === 'AWS::Lambda::Alias') {
      unmade.set(JSON.stringify({ Ref: id }), aliasSchema.parse(properties).FunctionName);
    }
    if (type === 'AWS::Lambda::Url') {
      unmade.set(
        JSON.stringify({ 'Fn::GetAtt': [id, 'FunctionUrl'] }),
        `https://rehearsal.lambda-url.${REGION}.on.aws/`,
      );
    }
  }
  const text = JSON.stringify(template);
  const replaced = [...unmade].reduce(
    (result, [reference, value]) => result.replaceAll(reference, JSON.stringify(value)),
    text,
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
  /** Runs the CDK CLI, in this repository or elsewhere, and gives what it said. */
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
  const expectTables = async (count: number): Promise<void> => {
    const client = new DynamoDBClient({
      endpoint,
      region: REGION,
      credentials: { accessKeyId: 'rehearsal', secretAccessKey: 'rehearsal' },
    });
    const { TableNames = [] } = await client.send(new ListTablesCommand({}));
    client.destroy();
    if (TableNames.length !== count) {
      throw new Error(`expected ${count} tables, found ${TableNames.join(', ') || 'none'}`);
    }
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
  for (const stack of ['provider-call-sandbox-platform', 'provider-call-sandbox']) {
    replaceUnmade(join(assembly, `${stack}.template.json`));
  }

  const deploy = ['deploy', '--all', `--app=${assembly}`, '--method=direct', '--require-approval=never'];
  cdk('deploy', deploy);
  await expectTables(3);
  const again = cdk('second deploy', deploy);
  if (again.split('(no changes)').length !== 3) {
    throw new Error(`the second deploy was to change neither stack:\n${again}`);
  }
  cdk('destroy', ['destroy', '--all', '--force', `--app=${assembly}`]);
  await expectTables(0);
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
