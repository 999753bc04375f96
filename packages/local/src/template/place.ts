/** Where the local system says it runs: what the template's pseudo parameters and every ARN are made of. */
export type Place = {
  region: string;
  accountId: string;
  stackName: string;
};

export const partition = 'aws';

/**
 * ARN of a resource that the local system makes up. `resource` is the part after the account, such as
 * `function:name`.
 */
export function arnOf(place: Place, service: string, resource: string): string {
  return `arn:${partition}:${service}:${place.region}:${place.accountId}:${resource}`;
}
