import { expect, test } from 'vitest';
import { StartError } from '../../src/start-error.ts';
import { parseResources } from '../../src/template/assembly.ts';
import { createReferences } from '../../src/template/references.ts';

const references = createReferences(
  {
    stackName: 'Stack',
    assetDirectories: new Map(),
    resources: parseResources({
      Resources: {
        Table: {
          Type: 'AWS::DynamoDB::Table',
          Properties: {
            KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
            AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
            BillingMode: 'PAY_PER_REQUEST',
          },
        },
        Function: {
          Type: 'AWS::Lambda::Function',
          Properties: {
            FunctionName: 'named',
            Code: { S3Bucket: 'b', S3Key: 'k.zip' },
            Handler: 'index.handler',
            Runtime: 'nodejs24.x',
          },
        },
        Version: { Type: 'AWS::Lambda::Version', Properties: { FunctionName: { Ref: 'Function' } } },
        Alias: {
          Type: 'AWS::Lambda::Alias',
          Properties: {
            FunctionName: { 'Fn::GetAtt': ['Function', 'Arn'] },
            FunctionVersion: { 'Fn::GetAtt': ['Version', 'Version'] },
            Name: 'live',
          },
        },
        Secret: { Type: 'AWS::SecretsManager::Secret', Properties: { Name: 'key' } },
      },
    }),
  },
  { region: 'eu-west-1', accountId: '123456789012', stackName: 'Stack' },
);

const FUNCTION_ARN = 'arn:aws:lambda:eu-west-1:123456789012:function:named';

test.each([
  ['a literal', 'text', 'text'],
  ['a number', 7, '7'],
  ['Ref of a pseudo parameter', { Ref: 'AWS::Region' }, 'eu-west-1'],
  ['Ref of a table', { Ref: 'Table' }, 'Stack-Table'],
  ['Ref of a named function', { Ref: 'Function' }, 'named'],
  ['Ref of a version', { Ref: 'Version' }, `${FUNCTION_ARN}:1`],
  ['Ref of an alias', { Ref: 'Alias' }, `${FUNCTION_ARN}:live`],
  ['Ref of a secret', { Ref: 'Secret' }, 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:key'],
  [
    'GetAtt of a table',
    { 'Fn::GetAtt': ['Table', 'Arn'] },
    'arn:aws:dynamodb:eu-west-1:123456789012:table/Stack-Table',
  ],
  ['Join', { 'Fn::Join': ['-', ['a', { Ref: 'AWS::Partition' }, 'c']] }, 'a-aws-c'],
  [
    'Select of Split',
    { 'Fn::Select': [3, { 'Fn::Split': [':', { 'Fn::GetAtt': ['Function', 'Arn'] }] }] },
    'eu-west-1',
  ],
  [
    'Sub',
    { 'Fn::Sub': `\${AWS::AccountId}/\${Table}/\${Function.Arn}/\${!Kept}` },
    `123456789012/Stack-Table/${FUNCTION_ARN}/\${Kept}`,
  ],
  [
    'Sub with variables',
    { 'Fn::Sub': [`\${Own}.\${AWS::URLSuffix}`, { Own: { Ref: 'Table' } }] },
    'Stack-Table.amazonaws.com',
  ],
])('the reference %s is resolved', (_, value, resolved) => {
  expect(references.resolveString(value)).toBe(resolved);
});

test('AWS::NoValue leaves out its property or element', () => {
  expect(references.resolve({ a: { Ref: 'AWS::NoValue' }, b: [1, { Ref: 'AWS::NoValue' }] })).toEqual({
    b: [1],
  });
});

test.each([
  ['a resource that is not there', { Ref: 'Queue' }, 'Queue'],
  ['an attribute that is not emulated', { 'Fn::GetAtt': ['Table', 'StreamArn'] }, 'Table.StreamArn'],
  ['a function that is not emulated', { 'Fn::ImportValue': 'x' }, 'Fn::ImportValue'],
  ['a list where a string belongs', { 'Fn::Split': [',', 'a,b'] }, 'Fn::Split'],
])('a reference to %s is rejected by name', (_, value, name) => {
  expect(() => references.resolveString(value)).toThrow(StartError);
  expect(() => references.resolveString(value)).toThrow(name);
});
