import { describe, expect, test } from 'vitest';
import { type Customer, createCustomers, unlimitedCustomer } from '../src/customers.ts';
import { createVirtualClock } from '../src/virtual-clock.ts';
import { createMemoryDocumentStore } from './memory-document-store.ts';
import { BEGINNING } from './platform-under-test.ts';

const ID = 'c0000000-0000-4000-8000-000000000001';

/** One customer with these limits. */
async function customerUnderTest(limits: Partial<Customer> = {}) {
  const clock = createVirtualClock(BEGINNING);
  const customers = createCustomers({ store: createMemoryDocumentStore(), clock });
  await customers.seed({
    ...unlimitedCustomer(ID),
    numbers: ['+14155550100'],
    ...limits,
  });
  return { clock, customers, customer: await customers.get(ID) };
}

test('a customer that is not in the seed has no numbers and no limits', async () => {
  const { customers } = await customerUnderTest();
  const stranger = 'c0000000-0000-4000-8000-000000000404';
  expect(await customers.get(stranger)).toEqual({
    id: stranger,
    balance: null,
    call_price: 0,
    rate_limit: null,
    numbers: [],
    default_outgoing_number: null,
    webhook_url: null,
    agents: {},
    extensions: {},
  });
});

describe('the rate limit', () => {
  const limited = { rate_limit: { calls: 3, seconds: 10 } };

  test('counts calls, rejects those beyond it, and starts over when its window ends', async () => {
    const { clock, customers, customer } = await customerUnderTest(limited);
    await customers.countCalls(customer, 2);
    clock.advanceTo(BEGINNING + 4_000);
    await expect(customers.countCalls(customer, 2)).rejects.toMatchObject({ retryAfterSeconds: 6 });
    clock.advanceTo(BEGINNING + 4_500);
    await expect(customers.countCalls(customer, 2)).rejects.toMatchObject({
      status: 'RESOURCE_EXHAUSTED',
      reason: 'RATE_LIMIT_EXCEEDED',
      retryAfterSeconds: 6,
      message: 'The customer may place 3 calls in 10 seconds.',
    });
    // What was rejected counted nothing.
    await customers.countCalls(customer, 1);
    clock.advanceTo(BEGINNING + 10_000);
    await customers.countCalls(customer, 3);
  });

  test('is absent for a customer without one', async () => {
    const { customers, customer } = await customerUnderTest();
    await customers.countCalls(customer, 1_000_000);
  });
});

describe('the balance', () => {
  const balanceOf = async (customers: ReturnType<typeof createCustomers>) =>
    (await customers.get(ID)).balance;

  test('pays for calls as long as it covers them', async () => {
    const { customers, customer } = await customerUnderTest({ balance: 5, call_price: 2 });
    await customers.charge(customer, 2);
    expect(await balanceOf(customers)).toBe(1);
    await expect(customers.charge(customer, 1)).rejects.toMatchObject({
      status: 'PAYMENT_REQUIRED',
      reason: 'INSUFFICIENT_BALANCE',
    });
    expect(await balanceOf(customers)).toBe(1);
  });

  test('that is used up rejects even calls that cost nothing', async () => {
    const { customers, customer } = await customerUnderTest({ balance: 0, call_price: 0 });
    await expect(customers.charge(customer, 1)).rejects.toMatchObject({ reason: 'INSUFFICIENT_BALANCE' });
  });

  test('gets back the price of calls that were not placed', async () => {
    const { customers, customer } = await customerUnderTest({ balance: 5, call_price: 2 });
    await customers.charge(customer, 2);
    await customers.refund(customer, 2);
    expect(await balanceOf(customers)).toBe(5);
  });

  test('is absent for a customer whose calls cost nothing', async () => {
    const { customers, customer } = await customerUnderTest();
    await customers.charge(customer, 10);
    await customers.refund(customer, 10);
    expect(await balanceOf(customers)).toBeNull();
  });
});
