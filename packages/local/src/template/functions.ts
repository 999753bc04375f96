import { StartError } from '../start-error.ts';
import type { StackTemplate } from './assembly.ts';
import type { References } from './references.ts';
import { resourcesOfType } from './resources-of-type.ts';

/** A Lambda function of the template. */
export type FunctionDefinition = {
  logicalId: string;
  name: string;
  arn: string;
  /** Directory of the bundle. */
  codeDirectory: string;
  /** `file.export`, as in the template. */
  handler: string;
  runtime: string;
  timeoutMs: number;
  memoryMb: number;
  /** How many instances may run at once, if the template reserves concurrency. */
  reservedConcurrency: number | undefined;
  variables: Record<string, string>;
  /** Names of the variables whose values are filled in by CloudFormation, or here by `References`. */
  referenceNames: string[];
};

/**
 * Returns the template's functions.
 *
 * @throws {StartError} when the code of a function is not among the assembly's assets.
 */
export function readFunctions(template: StackTemplate, references: References): FunctionDefinition[] {
  return resourcesOfType(template, 'AWS::Lambda::Function').map(([logicalId, properties]) => {
    const codeDirectory = template.assetDirectories.get(properties.Code.S3Key);
    if (codeDirectory === undefined)
      throw new StartError(`the assembly does not contain the code of ${logicalId}`);
    const variables = Object.entries(properties.Environment?.Variables ?? {});
    return {
      logicalId,
      name: references.resolveString({ Ref: logicalId }),
      arn: references.resolveString({ 'Fn::GetAtt': [logicalId, 'Arn'] }),
      codeDirectory,
      handler: properties.Handler,
      runtime: properties.Runtime,
      timeoutMs: properties.Timeout * 1000,
      memoryMb: properties.MemorySize,
      reservedConcurrency: properties.ReservedConcurrentExecutions,
      variables: Object.fromEntries(
        variables.map(([name, value]) => [name, references.resolveString(value)]),
      ),
      referenceNames: variables.filter(([, value]) => typeof value !== 'string').map(([name]) => name),
    };
  });
}

/** Returns the ARN of a function without the version or alias that may follow it. */
export function unqualifiedArn(functionArn: string): string {
  return functionArn.split(':').slice(0, 7).join(':');
}
