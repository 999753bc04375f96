import { expect, test } from 'vitest';
import * as z from 'zod/mini';
import { productionContext, templatesOf } from './synthesized.ts';

const oneOrMore = z.union([z.string(), z.array(z.unknown())]);
const policySchema = z.object({
  Properties: z.object({
    PolicyDocument: z.object({
      Statement: z.array(z.object({ Action: oneOrMore, Resource: z.unknown(), Effect: z.string() })),
    }),
    Roles: z.array(z.object({ Ref: z.string() })),
  }),
});

const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : [value]);

/** What each role of the functions may do, by the logical id of the role. */
const grantsOf = (context: Record<string, unknown>, stackName: string) => {
  const template = templatesOf(context).get(stackName);
  const policies = Object.values(template?.findResources('AWS::IAM::Policy') ?? {}).map(
    (policy) => policySchema.parse(policy).Properties,
  );
  return policies.flatMap(({ PolicyDocument, Roles }) =>
    Roles.map(({ Ref }) => ({
      role: Ref,
      statements: PolicyDocument.Statement.map(({ Action, Resource }) => ({
        actions: list(Action).map(String),
        resources: list(Resource).map((resource) => JSON.stringify(resource)),
      })),
    })),
  );
};

const actionsOf = (grants: ReturnType<typeof grantsOf>, name: string): string[] =>
  grants
    .filter(({ role }) => role.startsWith(`Functions${name}`))
    .flatMap(({ statements }) => statements.flatMap(({ actions }) => actions))
    .filter((action) => !action.startsWith('logs:'))
    .toSorted();

const production = grantsOf(productionContext, 'provider-call-prod');

test.each([
  ['Authorize', ['dynamodb:GetItem', 'secretsmanager:GetSecretValue']],
  [
    'Create',
    [
      'dynamodb:DeleteItem',
      'dynamodb:GetItem',
      'dynamodb:PutItem',
      'dynamodb:UpdateItem',
      'secretsmanager:GetSecretValue',
    ],
  ],
  ['Get', ['dynamodb:GetItem']],
  ['List', ['dynamodb:Query']],
  ['Delete', ['dynamodb:GetItem', 'dynamodb:UpdateItem']],
  [
    'Reconcile',
    [
      'dynamodb:DeleteItem',
      'dynamodb:GetItem',
      'dynamodb:PutItem',
      'dynamodb:Query',
      'dynamodb:UpdateItem',
      'secretsmanager:GetSecretValue',
    ],
  ],
])('%s may do what it does and nothing else', (name, actions) => {
  expect(actionsOf(production, name)).toEqual(actions);
});

test('a list reads its two indexes and not the table', () => {
  const resources = production
    .filter(({ role }) => role.startsWith('FunctionsList'))
    .flatMap(({ statements }) => statements)
    .filter(({ actions }) => actions.includes('dynamodb:Query'))
    .flatMap((statement) => statement.resources);
  expect(resources).toHaveLength(2);
  expect(resources.filter((resource) => /\/index\/by-(customer|provider)"/.test(resource))).toHaveLength(2);
});

test.each([
  ['real backends', productionContext, 'provider-call-prod'],
  ['the stand-in, ProviderCall', {}, 'provider-call-sandbox'],
  ['the stand-in itself', {}, 'provider-call-sandbox-platform'],
])('with %s, no role has a wildcard action or resource', (_, context, stackName) => {
  const grants = grantsOf(context, stackName);
  expect(grants.length).toBeGreaterThan(0);
  const wild = grants.flatMap(({ role, statements }) =>
    statements
      .filter(
        ({ actions, resources }) =>
          actions.some((action) => action.includes('*')) ||
          resources.some((resource) => resource.includes('*')),
      )
      .map((statement) => ({ role, ...statement })),
  );
  expect(wild).toEqual([]);
});
