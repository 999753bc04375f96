import { createPlatformClient, createProviderCallClient } from '@provider-call/client';

const token = process.env['TOKEN'];
if (token === undefined) throw new Error('Set TOKEN first: export TOKEN=$(npm run -s token)');

const options = { baseUrl: 'http://127.0.0.1:3000/v1.0', token };
const providerCalls = createProviderCallClient(options);
const platform = createPlatformClient(options);

// Sent again with the same key, this request returns the same record and dials nothing.
const { record } = await providerCalls.createProviderCall(
  {
    provider_id: '4dbeabd6-f397-4375-95d2-a38411e07ed1',
    source: { type: 'tel', target: '+14155551234' },
    destinations: [{ type: 'tel', target: '+821012345678' }],
  },
  { idempotencyKey: 'onboarding-2' },
);

for (const id of record.call_ids) {
  const call = await platform.getCall(id);
  console.log(`${record.id}: call ${call.id} is ${call.status}`);
}
