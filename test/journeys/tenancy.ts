import { randomUUID } from 'node:crypto';
import { SEED_IDS } from '@provider-call/platform/seed';
import { beforeAll, expect, test } from 'vitest';
import { errorOf } from './error-of.ts';
import type { JourneyClient, ProviderCall } from './journey-client.ts';
import type { JourneySystem } from './journey-system.ts';

const ORDER = {
  provider_id: SEED_IDS.providers.answers,
  destinations: [
    { type: 'tel' as const, target: '+821012345678' },
    { type: 'agent' as const, target: SEED_IDS.agent },
  ],
};

/** What belongs to one customer does not exist for another. */
export function tenancy(system: () => JourneySystem): void {
  let owner: JourneyClient;
  let other: JourneyClient;
  let record: ProviderCall;
  const notFound = { httpStatus: 404, reason: 'PROVIDERCALL_NOT_FOUND' };

  beforeAll(async () => {
    owner = await system().clientOf();
    other = await system().clientOf(randomUUID());
    record = (await owner.createProviderCall(ORDER, { idempotencyKey: 'of-the-owner' })).record;
  });

  test('another customer neither finds nor deletes a record', async () => {
    expect(await errorOf(other.getProviderCall(record.id))).toMatchObject(notFound);
    expect(await errorOf(other.deleteProviderCall(record.id))).toMatchObject(notFound);
    expect((await owner.getProviderCall(record.id)).record).toEqual(record);
  });

  test('another customer does not find a deleted record either', async () => {
    const { record: gone } = await owner.createProviderCall(ORDER);
    await owner.deleteProviderCall(gone.id);
    expect(await errorOf(other.getProviderCall(gone.id))).toMatchObject(notFound);
    expect(await errorOf(other.deleteProviderCall(gone.id))).toMatchObject(notFound);
  });

  test('no list of another customer has the record, by provider or by a page token right before it', async () => {
    const before = `${record.tm_create},ffffffff-ffff-ffff-ffff-ffffffffffff`;
    for (const options of [
      {},
      { providerId: record.provider_id },
      { pageToken: before },
      { providerId: record.provider_id, pageToken: before },
    ]) {
      expect((await owner.listProviderCalls(options)).result.map(({ id }) => id)).toContain(record.id);
      expect(await other.listProviderCalls(options)).toEqual({
        result: [],
        next_page_token: '',
        unconfirmedIds: [],
      });
    }
  });

  test('a customer_id in the query does not change whose records are returned', async () => {
    const { send, tokenOf } = system();
    const headers = { Authorization: `Bearer ${await tokenOf({ customerId: randomUUID() })}` };
    const path = `/v1.0/calls/${record.call_ids[0]}?customer_id=${record.customer_id}`;
    expect((await send({ path, headers })).status).toBe(404);
    const list = await send({ path: `/v1.0/providercalls?customer_id=${record.customer_id}`, headers });
    expect({ status: list.status, reason: JSON.parse(list.text).error.reason }).toEqual({
      status: 400,
      reason: 'INVALID_ARGUMENT',
    });
  });

  test('an idempotency key of the owner leads to none of its records', async () => {
    const { record: own, replayed } = await other.createProviderCall(
      { ...ORDER, destinations: ORDER.destinations.slice(0, 1) },
      { idempotencyKey: 'of-the-owner' },
    );
    expect(replayed).toBe(false);
    expect(own.id).not.toBe(record.id);
    expect(own.customer_id).not.toBe(record.customer_id);
  });

  test("the owner's calls, groupcalls and flows are not found, and none of the calls can be ended", async () => {
    const [callId = ''] = record.call_ids;
    const [groupcallId = ''] = record.groupcall_ids;
    const at = (id: string) => ({ params: { path: { id } } });
    const responses = [
      await other.api.GET('/calls/{id}', at(callId)),
      await other.api.GET('/timelines/calls/{id}/sip-analysis', at(callId)),
      await other.api.GET('/timelines/calls/{id}/pcap', at(callId)),
      await other.api.GET('/timelines/calls/{id}/events', at(callId)),
      await other.api.POST('/calls/{id}/hangup', at(callId)),
      await other.api.GET('/groupcalls/{id}', at(groupcallId)),
      await other.api.GET('/flows/{id}', at(SEED_IDS.flow)),
    ];
    expect(responses.map(({ response }) => response.status)).toEqual([404, 404, 404, 404, 404, 404, 404]);
    expect((await other.api.GET('/calls')).data?.result.map(({ id }) => id)).not.toContain(callId);
    expect((await other.api.GET('/flows')).data?.result).toEqual([]);
    expect(['ringing', 'dialing', 'progressing']).toContain((await owner.getCall(callId)).status);
  });
}
