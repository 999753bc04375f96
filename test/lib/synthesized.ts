import { Template } from 'aws-cdk-lib/assertions';
import { buildApp } from '../../lib/app.ts';
import { parseSettings } from '../../lib/settings.ts';

/** Settings of a deployment with real backends, as `-c key=value` would give them. */
export const productionContext = {
  stage: 'prod',
  routeBackendUrl: 'https://route.example.com',
  flowBackendUrl: 'https://flow.example.com',
  callBackendUrl: 'https://call.example.com',
  backendSecretArn: 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:backend-AbCdEf',
};

/** The templates of the stacks that a context asks for, by stack name, without bundling any function. */
export const templatesOf = (context: Record<string, unknown>): Map<string, Template> => {
  const app = buildApp(parseSettings(context), undefined, { 'aws:cdk:bundling-stacks': [] });
  const { stacks } = app.synth();
  return new Map(stacks.map(({ stackName, template }) => [stackName, Template.fromJSON(template)]));
};

export const templateOf = (context: Record<string, unknown>, stackName: string): Template => {
  const template = templatesOf(context).get(stackName);
  if (template === undefined) throw new Error(`no stack ${stackName}`);
  return template;
};
