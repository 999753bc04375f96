import { expect, test } from 'vitest';
import { evaluatePolicy, policySchema } from '../../src/gateway/policy.ts';

const METHOD_ARN = 'arn:aws:execute-api:us-east-1:000000000000:api/local/GET/v1/things/7';

function statement(
  Effect: 'Allow' | 'Deny',
  Resource: string | string[],
  Action: string | string[] = 'execute-api:Invoke',
) {
  return {
    Effect,
    Action,
    Resource,
  };
}

test.each([
  ['the very method', [statement('Allow', METHOD_ARN)], 'allow'],
  ['one of several resources', [statement('Allow', ['arn:other', METHOD_ARN])], 'allow'],
  ['* for any run of characters, slashes too', [statement('Allow', '*/local/GET/*')], 'allow'],
  ['? for a single one', [statement('Allow', METHOD_ARN.replace('things/7', 'things/?'))], 'allow'],
  ['? not for two', [statement('Allow', METHOD_ARN.replace('/7', '?'))], 'implicitDeny'],
  ['a dot only for itself', [statement('Allow', METHOD_ARN.replace('v1', 'v.'))], 'implicitDeny'],
  ['a prefix not for the whole', [statement('Allow', METHOD_ARN.slice(0, -2))], 'implicitDeny'],
  ['resources by their case', [statement('Allow', METHOD_ARN.replace('GET', 'get'))], 'implicitDeny'],
  ['actions by any case', [statement('Allow', '*', 'Execute-API:*')], 'allow'],
  ['another action not at all', [statement('Allow', '*', 'execute-api:ManageConnections')], 'implicitDeny'],
  ['Deny before Allow', [statement('Allow', '*'), statement('Deny', METHOD_ARN)], 'explicitDeny'],
  ['Deny elsewhere not here', [statement('Allow', '*'), statement('Deny', 'arn:other')], 'allow'],
  ['nothing as no', [], 'implicitDeny'],
])('a policy with %s is evaluated', (_, Statement, decision) => {
  expect(evaluatePolicy({ Statement }, METHOD_ARN)).toBe(decision);
});

test.each(['Condition', 'NotAction', 'NotResource', 'Principal'])(
  'a statement with %s is rejected',
  (element) => {
    const policy = { Statement: [{ ...statement('Allow', '*'), [element]: {} }] };
    expect(policySchema.safeParse(policy).success).toBe(false);
  },
);
