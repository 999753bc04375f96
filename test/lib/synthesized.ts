import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as z from 'zod/mini';
import { buildApp } from '../../lib/app.ts';
import { parseSettings } from '../../lib/settings.ts';

const resourceSchema = z.looseObject({
  Type: z.string(),
  Properties: z._default(z.record(z.string(), z.unknown()), {}),
  DeletionPolicy: z.optional(z.string()),
  UpdateReplacePolicy: z.optional(z.string()),
});

const templateSchema = z.object({
  Resources: z.record(z.string(), resourceSchema),
  Outputs: z._default(z.record(z.string(), z.object({ Value: z.unknown() })), {}),
});

export type Resource = {
  properties: Record<string, unknown>;
  deletionPolicy: string | undefined;
  updateReplacePolicy: string | undefined;
};

/** A synthesized stack, with references written as text (see `readable`). */
export type SynthesizedStack = {
  /** Resources of a type by logical id without its hash. */
  ofType(type: string): Record<string, Resource>;
  /** The values of the outputs by name. */
  outputs: Record<string, unknown>;
  /** The template as CloudFormation gets it. */
  text: string;
};

/** Context of a deployment with real backends, as passed by `-c key=value`. */
export const PRODUCTION = {
  stage: 'prod',
  routeBackendUrl: 'https://route.example.com',
  flowBackendUrl: 'https://flow.example.com',
  callBackendUrl: 'https://call.example.com:8443/base',
  backendSecretArn: 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:backend-AbCdEf',
};

/** Context of a deployment whose backends are behind a message broker. */
export const OVER_AMQP = {
  stage: 'prod',
  routeBackendUrl: 'amqps://broker.example.com:5673/voip',
  flowBackendUrl: 'amqps://broker.example.com:5673/voip',
  callBackendUrl: 'amqps://broker.example.com:5673/voip',
  amqpSecretArn: 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:broker-AbCdEf',
};

/** Context of stage local, as `npm start` has it. */
export const ONE_MACHINE = {
  stage: 'local',
  routeBackendUrl: 'http://127.0.0.1:1',
  flowBackendUrl: 'http://127.0.0.1:1',
  callBackendUrl: 'http://127.0.0.1:1',
};

/** Context of stage local with a message broker. */
export const ONE_MACHINE_OVER_AMQP = {
  stage: 'local',
  routeBackendUrl: 'amqp://guest:guest@127.0.0.1:5672',
  flowBackendUrl: 'amqp://guest:guest@127.0.0.1:5672',
  callBackendUrl: 'amqp://guest:guest@127.0.0.1:5672',
};

/** What was synthesized before, by context. Files that share their modules share it too. */
const synthesized = new Map<string, Record<string, SynthesizedStack>>();

/**
 * Returns the stacks of a context by name, without bundles and the check against CloudFormation's schemas,
 * which take long.
 *
 * @throws {SettingsError} when the context cannot be deployed
 */
export function synthesize(context: Record<string, unknown>): Record<string, SynthesizedStack> {
  const key = JSON.stringify(context);
  const stacks = synthesized.get(key) ?? stacksOf(context);
  synthesized.set(key, stacks);
  return stacks;
}

function stacksOf(context: Record<string, unknown>): Record<string, SynthesizedStack> {
  const app = buildApp({
    settings: parseSettings(context),
    context: { 'aws:cdk:bundling-stacks': [] },
    validate: false,
  });
  return Object.fromEntries(
    app.node.children.filter((child) => Stack.isStack(child)).map((stack) => [stack.stackName, read(stack)]),
  );
}

/**
 * Removes the hash at the end of a logical id: that of its path, or, for versions and deployments, of its
 * content.
 */
function withoutHash(logicalId: string): string {
  return logicalId.replace(/[0-9A-F]{8}(?:[0-9a-f]{32})?$/, '');
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOf(value: unknown): string {
  const resolved = readable(value);
  return typeof resolved === 'string' ? resolved : JSON.stringify(resolved);
}

/**
 * Returns a value of a template with its references as text: `{Ref: X}` is "X", `{Fn::GetAtt: [X, Arn]}` is
 * "X.Arn", and a join is the joined text. Two references are equal as text if they are equal in the template.
 */
function readable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(readable);
  if (!isObject(value)) return value;
  const [[name, argument] = ['', undefined], ...more] = Object.entries(value);
  if (more.length === 0) {
    if (name === 'Ref') return withoutHash(String(argument));
    if (name === 'Fn::GetAtt' && Array.isArray(argument)) {
      return `${withoutHash(String(argument[0]))}.${String(argument[1])}`;
    }
    if (name === 'Fn::Join' && Array.isArray(argument) && Array.isArray(argument[1])) {
      return argument[1].map(textOf).join(String(argument[0]));
    }
    if (name === 'Fn::ImportValue') return `import ${textOf(argument)}`;
  }
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, readable(inner)]));
}

function read(stack: Stack): SynthesizedStack {
  const template = Template.fromStack(stack).toJSON();
  const { Resources, Outputs } = templateSchema.parse(template);
  return {
    ofType: (type) =>
      Object.fromEntries(
        Object.entries(Resources)
          .filter(([, resource]) => resource.Type === type)
          .map(([id, { Properties, DeletionPolicy, UpdateReplacePolicy }]) => [
            withoutHash(id),
            {
              properties: z.record(z.string(), z.unknown()).parse(readable(Properties)),
              deletionPolicy: DeletionPolicy,
              updateReplacePolicy: UpdateReplacePolicy,
            },
          ]),
      ),
    outputs: Object.fromEntries(Object.entries(Outputs).map(([name, { Value }]) => [name, readable(Value)])),
    text: JSON.stringify(template),
  };
}

/** Returns the one ProviderCall stack of a context. */
export function synthesizeProviderCall(context: Record<string, unknown>): SynthesizedStack {
  const stack = synthesize(context)[`provider-call-${String(context['stage'] ?? 'sandbox')}`];
  if (stack === undefined) throw new Error('the context has no ProviderCall stack');
  return stack;
}
