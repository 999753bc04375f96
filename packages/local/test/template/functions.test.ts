import { expect, test } from 'vitest';
import { StartError } from '../../src/start-error.ts';
import { parseResources, type StackTemplate } from '../../src/template/assembly.ts';
import { readFunctions, unqualifiedArn } from '../../src/template/functions.ts';
import { createReferences } from '../../src/template/references.ts';

const ARN = 'arn:aws:lambda:us-east-1:000000000000:function:f';

function functionsOf(properties: object, assetDirectories = new Map([['code.zip', '/bundle']])) {
  const template: StackTemplate = {
    stackName: 'S',
    assetDirectories,
    resources: parseResources({
      Resources: {
        Function: {
          Type: 'AWS::Lambda::Function',
          Properties: {
            FunctionName: 'f',
            Code: { S3Bucket: 'b', S3Key: 'code.zip' },
            Handler: 'index.handler',
            Runtime: 'nodejs24.x',
            ...properties,
          },
        },
      },
    }),
  };
  const location = { region: 'us-east-1', accountId: '000000000000', stackName: 'S' };
  return readFunctions(template, createReferences(template, location));
}

test('a function is read with its code, limits and variables', () => {
  const Variables = { PLAIN: 'x', REGION: { Ref: 'AWS::Region' } };
  expect(
    functionsOf({
      Timeout: 10,
      MemorySize: 512,
      ReservedConcurrentExecutions: 5,
      Environment: { Variables },
    }),
  ).toEqual([
    {
      logicalId: 'Function',
      name: 'f',
      arn: ARN,
      codeDirectory: '/bundle',
      handler: 'index.handler',
      runtime: 'nodejs24.x',
      timeoutMs: 10_000,
      memoryMb: 512,
      reservedConcurrency: 5,
      variables: { PLAIN: 'x', REGION: 'us-east-1' },
      referenceNames: ['REGION'],
    },
  ]);
});

test('a function has Lambda’s defaults', () => {
  expect(functionsOf({})).toMatchObject([{ timeoutMs: 3_000, memoryMb: 128, variables: {} }]);
});

test('a function whose code is not in the assembly is rejected', () => {
  expect(() => functionsOf({}, new Map())).toThrow(
    new StartError('the assembly does not contain the code of Function'),
  );
});

test.each([`${ARN}:live`, `${ARN}:1`, ARN])(
  'the ARN %s names the function without alias or version',
  (arn) => {
    expect(unqualifiedArn(arn)).toBe(ARN);
  },
);
