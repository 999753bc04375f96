/** Where the stack claims to be deployed. Pseudo parameters and ARNs are derived from it. */
export type StackLocation = {
  region: string;
  accountId: string;
  stackName: string;
};

/** The partition in every ARN. */
export const PARTITION = 'aws';

/**
 * Returns the ARN of a resource that exists only here. `resource` is the part after the account, such as
 * `function:name`.
 */
export function arnOf(location: StackLocation, service: string, resource: string): string {
  return `arn:${PARTITION}:${service}:${location.region}:${location.accountId}:${resource}`;
}
