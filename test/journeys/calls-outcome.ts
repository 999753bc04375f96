import { randomUUID } from 'node:crypto';
import { pcapOf } from '@provider-call/evidence';
import { SEED_IDS } from '@provider-call/platform/seed';
import { expect, test, vi } from 'vitest';
import { errorOf } from './error-of.ts';
import type { Call, JourneyClient } from './journey-client.ts';
import type { JourneySystem } from './journey-system.ts';

const { providers } = SEED_IDS;
const TEL = { type: 'tel', target: '+821012345678' } as const;

/** From a provider to the outcome of a call, as in the tutorial and its troubleshooting. */
export function callsOutcome(system: () => JourneySystem): void {
  test('an admin chooses a provider and a flow, places the call, sees it answered and hangs up', async () => {
    const client = await system().clientOf();
    const { data: listed } = await client.api.GET('/providers');
    const provider = listed?.result.find(({ id }) => id === providers.answers);
    expect(listed?.result.map(({ id }) => id)).not.toContain(providers.deleted);
    const { data: flows } = await client.api.GET('/flows');
    const flow = flows?.result.find(({ id }) => id === SEED_IDS.flow);

    const { record } = await client.createProviderCall({
      provider_id: provider?.id ?? '',
      source: { type: 'tel', target: '+14155551234' },
      destinations: [TEL],
      flow_id: flow?.id ?? '',
    });
    const [callId = ''] = record.call_ids;
    const answered = await callWith(client, callId, 'progressing');
    expect(answered).toMatchObject({
      dialroutes: [{ provider_id: providers.answers, priority: 0 }],
      hangup_reason: '',
      tm_ringing: expect.any(String),
      tm_progressing: expect.any(String),
    });
    await client.hangUp(callId);
    expect(await callWith(client, callId, 'hangup')).toMatchObject({
      hangup_by: 'local',
      hangup_reason: 'normal',
    });
    // The record is a summary, so it has not changed.
    expect((await client.getProviderCall(record.id)).record).toEqual(record);
  });

  test('hanging up before the answer cancels the call', async () => {
    const client = await system().clientOf();
    const callId = await placeThrough(client, providers.neverAnswers);
    await callWith(client, callId, 'ringing');
    await client.hangUp(callId);
    expect(await callWith(client, callId, 'hangup')).toMatchObject({
      hangup_by: 'local',
      hangup_reason: 'cancel',
    });
    // A second request changes nothing.
    const ended = await client.getCall(callId);
    expect(await client.hangUp(callId)).toEqual(ended);
  });

  test.each([
    ['busy', providers.busy, 'busy'],
    ['refused by the provider', providers.rejects, 'failed'],
  ])('a call that is %s ends with that reason', async (_, providerId, reason) => {
    const client = await system().clientOf();
    const callId = await placeThrough(client, providerId);
    expect(await callWith(client, callId, 'hangup')).toMatchObject({
      hangup_by: 'remote',
      hangup_reason: reason,
      tm_progressing: null,
    });
  });

  test('the timeline shows what was sent through which provider, as messages, as a capture file and step by step', async () => {
    const client = await system().clientOf();
    const callId = await placeThrough(client, providers.busy);
    const call = await callWith(client, callId, 'hangup');
    const analysis = await client.getSipAnalysis(callId);
    expect(analysis?.sip_messages.map(({ method }) => method)).toEqual(['INVITE', '100', '486', 'ACK']);
    expect(analysis?.sip_messages[0]?.raw).toMatch(/^INVITE sip:486\+821012345678@/);
    expect(await client.getPcap(callId)).toEqual(pcapOf(analysis?.sip_messages ?? []));
    const { result, next_page_token } = await client.listTimelineEvents(callId, { pageSize: 2 });
    expect(result.map(({ event_type }) => event_type)).toEqual(['call_hangup', 'call_dialing']);
    expect(result[0]?.data).toMatchObject({ id: callId, hangup_reason: call.hangup_reason });
    const rest = await client.listTimelineEvents(callId, { pageSize: 2, pageToken: next_page_token });
    expect(rest).toEqual({
      result: [expect.objectContaining({ event_type: 'call_created' })],
      next_page_token: '',
    });
  });

  test('the list of calls has the newest first, page by page', async () => {
    const client = await system().clientOf();
    const older = await placeThrough(client, providers.busy);
    const newer = await placeThrough(client, providers.busy);
    const first = await client.listCalls({ pageSize: 1 });
    expect(first.result.map(({ id }) => id)).toEqual([newer]);
    const second = await client.listCalls({ pageSize: 1, pageToken: first.next_page_token });
    expect(second.result.map(({ id }) => id)).toEqual([older]);
  });

  test('a provider can be called through after its creation and its change, and not after its deletion', async () => {
    const client = await system().clientOf();
    const secret = 'never-to-be-answered';
    const { data: made } = await client.api.POST('/providers', {
      body: { hostname: 'sip.example.com', tech_prefix: '480', auth_username: 'u', auth_password: secret },
    });
    const id = made?.id ?? '';
    const path = { params: { path: { id } } };
    expect(made).toMatchObject({ type: 'sip', health_status: 'unknown', tm_delete: null });
    expect((await client.api.GET('/providers/{id}', path)).data).toEqual(made);
    expect(await callWith(client, await placeThrough(client, id), 'hangup')).toMatchObject({
      hangup_reason: 'no_answer',
    });

    const { data: changed } = await client.api.PUT('/providers/{id}', {
      ...path,
      body: { tech_prefix: '600' },
    });
    expect(changed).toEqual({ ...made, tech_prefix: '600', tm_update: expect.any(String) });
    expect(await callWith(client, await placeThrough(client, id), 'hangup')).toMatchObject({
      hangup_reason: 'busy',
    });

    const { data: deleted } = await client.api.DELETE('/providers/{id}', path);
    expect(deleted?.tm_delete).toEqual(expect.any(String));
    expect((await client.api.GET('/providers/{id}', path)).data).toEqual(deleted);
    expect(await errorOf(placeThrough(client, id))).toMatchObject({
      httpStatus: 400,
      reason: 'PROVIDER_NOT_FOUND',
    });
    expect((await client.api.DELETE('/providers/{id}', path)).data).toEqual(deleted);
    expect((await client.api.PUT('/providers/{id}', { ...path, body: {} })).response.status).toBe(404);
    expect(JSON.stringify([made, changed, deleted])).not.toContain(secret);
  });

  test.each<[what: string, body: Record<string, string>, field: string]>([
    ['an invalid host', { hostname: 'not a host' }, 'hostname'],
    [
      'a prefix that would end the SIP user',
      { hostname: 'sip.example.com', tech_prefix: 'a@b' },
      'tech_prefix',
    ],
    ['no host', {}, 'hostname'],
    ['an unknown field', { hostname: 'sip.example.com', techPrefix: '1' }, 'techPrefix'],
  ])('%s creates no provider', async (_, body, field) => {
    const client = await system().clientOf();
    const { error, response } = await client.api.POST('/providers', {
      // @ts-expect-error: the body is one that the schema does not allow
      body,
    });
    expect(response.status).toBe(400);
    expect(error?.error).toMatchObject({ reason: 'INVALID_ARGUMENT', details: [{ field }] });
  });

  test('an unknown provider, flow, call or groupcall is not found, each with its reason', async () => {
    const client = await system().clientOf();
    const path = { params: { path: { id: randomUUID() } } };
    const responses = await Promise.all([
      client.api.GET('/providers/{id}', path),
      client.api.PUT('/providers/{id}', { ...path, body: {} }),
      client.api.GET('/flows/{id}', path),
      client.api.GET('/calls/{id}', path),
      client.api.GET('/timelines/calls/{id}/sip-analysis', path),
      client.api.GET('/timelines/calls/{id}/pcap', path),
      client.api.GET('/timelines/calls/{id}/events', path),
      client.api.POST('/calls/{id}/hangup', path),
      client.api.GET('/groupcalls/{id}', path),
    ]);
    expect(responses.map(({ response, error }) => [response.status, error?.error.reason])).toEqual([
      [404, 'PROVIDER_NOT_FOUND'],
      [404, 'PROVIDER_NOT_FOUND'],
      [404, 'FLOW_NOT_FOUND'],
      [404, 'CALL_NOT_FOUND'],
      [404, 'CALL_NOT_FOUND'],
      [404, 'CALL_NOT_FOUND'],
      [404, 'CALL_NOT_FOUND'],
      [404, 'CALL_NOT_FOUND'],
      [404, 'GROUPCALL_NOT_FOUND'],
    ]);
  });
}

/** Polls a call until it has a status, as the specification describes. */
async function callWith(client: JourneyClient, id: string, status: Call['status']): Promise<Call> {
  return await vi.waitFor(
    async () => {
      const call = await client.getCall(id);
      expect(call.status).toBe(status);
      return call;
    },
    { timeout: 60_000, interval: 20 },
  );
}

async function placeThrough(client: JourneyClient, providerId: string): Promise<string> {
  const { record } = await client.createProviderCall({ provider_id: providerId, destinations: [TEL] });
  return record.call_ids[0] ?? '';
}
