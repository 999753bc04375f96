import { describe, expect, test } from 'vitest';
import { LOGGED_FIELDS } from '../../lib/console-logs.ts';
import { synthesize } from './synthesized.ts';

function deliveriesIn(context: Record<string, unknown>) {
  return Object.entries(synthesize(context)).flatMap(([name, stack]) =>
    Object.values(stack.ofType('AWS::Logs::Delivery')).map(({ properties }) => ({
      stack: name,
      fields: properties['RecordFields'],
      source: Object.values(stack.ofType('AWS::Logs::DeliverySource'))[0]?.properties,
      isConditional: stack.text.includes('{"Fn::Equals":[{"Ref":"AWS::Region"},"us-east-1"]}'),
    })),
  );
}

describe('the access log of the console', () => {
  test('the access log contains no field that a credential may be in', () => {
    const [delivery] = deliveriesIn({ region: 'us-east-1' });
    expect(delivery?.fields).toEqual(LOGGED_FIELDS);
    for (const field of ['cs-uri-query', 'cs(Referer)', 'cs(Cookie)', 'x-host-header']) {
      expect(LOGGED_FIELDS).not.toContain(field);
    }
  });

  test('the stack itself delivers the access log in the one region where that is possible', () => {
    expect(deliveriesIn({ region: 'us-east-1' })).toMatchObject([
      {
        stack: 'provider-call-sandbox',
        isConditional: false,
        source: { Name: 'provider-call-sandbox-console', LogType: 'ACCESS_LOGS' },
      },
    ]);
  });

  test('a separate stack delivers the access log from any other region', () => {
    expect(deliveriesIn({ region: 'eu-central-1' })).toMatchObject([
      {
        stack: 'provider-call-sandbox-console-logs',
        source: {
          ResourceArn: {
            'Fn::GetStackOutput': {
              StackName: 'provider-call-sandbox',
              OutputName: 'ConsoleDistributionArn',
              Region: 'eu-central-1',
            },
          },
        },
      },
    ]);
  });

  test('the delivery depends on the deployment’s region if that is not known before', () => {
    expect(deliveriesIn({})).toMatchObject([{ stack: 'provider-call-sandbox', isConditional: true }]);
  });
});
