import { randomUUID } from 'node:crypto';
import { SEED_IDS } from '@provider-call/platform/seed';
import { expect, test } from 'vitest';
import {
  createRequestSchema,
  fingerprintOf,
  hashIdempotencyKey,
} from '../../functions/provider-calls/create-request.ts';
import { formatTimestamp } from '../../functions/timestamp.ts';
import { deriveUuid } from '../../functions/uuid.ts';
import { errorOf } from './error-of.ts';
import type { JourneySystem } from './journey-system.ts';
import { storedIntent, storedUnconfirmed } from './stored-record.ts';

const ORDER = {
  provider_id: SEED_IDS.providers.answers,
  destinations: [{ type: 'tel' as const, target: '+821012345678' }],
};

/** One request places one set of calls, however often it is sent. */
export function idempotency(system: () => JourneySystem): void {
  /** Stores what an earlier request with the key left in the table. */
  const leave = async (
    customerId: string,
    key: string,
    state: 'intent' | 'unconfirmed',
    createdAt: string,
  ) => {
    const changes = {
      id: deriveUuid('providercall', customerId, key),
      customerId,
      source: null,
      createdAt,
      updatedAt: createdAt,
      idempotency: {
        keyHash: hashIdempotencyKey(key),
        fingerprint: fingerprintOf(createRequestSchema.parse(ORDER)),
      },
    };
    const stored = state === 'intent' ? storedIntent(changes) : storedUnconfirmed(changes);
    await system().insert(stored);
    return stored;
  };

  test('the same key and body return the stored record, and place no second call', async () => {
    const customerId = randomUUID();
    const client = await system().clientOf(customerId);
    const first = await client.createProviderCall(ORDER, { idempotencyKey: 'once' });
    expect(first.replayed).toBe(false);
    // The same request, written differently: keys in another order, a default spelled out.
    const { destinations, provider_id } = ORDER;
    const again = await client.createProviderCall(
      { anonymous: 'auto', destinations, provider_id },
      { idempotencyKey: 'once' },
    );
    expect(again).toMatchObject({ replayed: true, record: first.record });
    expect(await system().idsOf('calls', customerId)).toEqual(first.record.call_ids);
  });

  test('a deleted record is replayed as it is now', async () => {
    const client = await system().clientOf(randomUUID());
    const { record } = await client.createProviderCall(ORDER, { idempotencyKey: 'gone' });
    const deleted = await client.deleteProviderCall(record.id);
    const again = await client.createProviderCall(ORDER, { idempotencyKey: 'gone' });
    expect(again).toMatchObject({ replayed: true, record: deleted.record });
  });

  test('without a key every request is a new one, and keys of different customers are different keys', async () => {
    const [one, other] = [await system().clientOf(randomUUID()), await system().clientOf(randomUUID())];
    const results = [
      await one.createProviderCall(ORDER),
      await one.createProviderCall(ORDER),
      await one.createProviderCall(ORDER, { idempotencyKey: 'shared' }),
      await other.createProviderCall(ORDER, { idempotencyKey: 'shared' }),
    ];
    expect(new Set(results.map(({ record }) => record.id)).size).toBe(4);
    expect(results.map(({ replayed }) => replayed)).toEqual([false, false, false, false]);
  });

  test('the same key with another body is rejected', async () => {
    const customerId = randomUUID();
    const client = await system().clientOf(customerId);
    const { record } = await client.createProviderCall(ORDER, { idempotencyKey: 'taken' });
    const other = client.createProviderCall({ ...ORDER, anonymous: 'no' }, { idempotencyKey: 'taken' });
    expect(await errorOf(other)).toMatchObject({ httpStatus: 409, reason: 'IDEMPOTENCY_KEY_REUSED' });
    expect(await system().idsOf('calls', customerId)).toEqual(record.call_ids);
  });

  test('requests that race with one key place one set of calls', async () => {
    const customerId = randomUUID();
    const client = await system().clientOf(customerId);
    const race = await Promise.allSettled(
      Array.from({ length: 8 }, () => client.createProviderCall(ORDER, { idempotencyKey: 'race' })),
    );
    const results = race.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    const refused = race.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
    expect(results.filter(({ replayed }) => !replayed)).toHaveLength(1);
    expect(new Set(results.map(({ record }) => record.id)).size).toBe(1);
    for (const error of refused)
      expect(error).toMatchObject({ httpStatus: 409, reason: 'REQUEST_IN_PROGRESS' });
    expect(await system().idsOf('calls', customerId)).toEqual(results[0]?.record.call_ids);
  });

  test('a request with the key of a running one is rejected with 409 and Retry-After', async () => {
    const customerId = randomUUID();
    const client = await system().clientOf(customerId);
    await leave(customerId, 'busy', 'intent', minutesAgo(0));
    expect(await errorOf(client.createProviderCall(ORDER, { idempotencyKey: 'busy' }))).toMatchObject({
      httpStatus: 409,
      reason: 'REQUEST_IN_PROGRESS',
      retryAfterSeconds: 5,
    });
    expect(await system().idsOf('calls', customerId)).toEqual([]);
  });

  test('an intent whose create is over is settled first, then the calls are placed', async () => {
    const customerId = randomUUID();
    const client = await system().clientOf(customerId);
    const { id } = await leave(customerId, 'died', 'intent', minutesAgo(2));
    const result = await client.createProviderCall(ORDER, { idempotencyKey: 'died' });
    expect(result).toMatchObject({ replayed: false, record: { id } });
    expect(await system().idsOf('calls', customerId)).toEqual(result.record.call_ids);
  });

  test('a request with the key of one whose outcome is unknown gets its 503 and id, and dials nothing', async () => {
    const customerId = randomUUID();
    const client = await system().clientOf(customerId);
    const { id } = await leave(customerId, 'unknown', 'unconfirmed', minutesAgo(0));
    const error = await errorOf(client.createProviderCall(ORDER, { idempotencyKey: 'unknown' }));
    expect(error).toMatchObject({ httpStatus: 503, reason: 'CALL_OUTCOME_UNKNOWN', providerCallId: id });
    expect(await client.getProviderCall(id)).toMatchObject({ unconfirmed: true });
    expect(await system().idsOf('calls', customerId)).toEqual([]);
  });
}

function minutesAgo(minutes: number) {
  return formatTimestamp(new Date(Date.now() - minutes * 60_000));
}
