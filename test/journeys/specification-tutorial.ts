import { callSchema } from '@provider-call/platform/records/call';
import { SEED_IDS } from '@provider-call/platform/seed';
import { expect, test } from 'vitest';
import { CALL_EXAMPLE } from '../../contract/examples.ts';
import { NIL_UUID } from '../../functions/uuid.ts';
import type { JourneySystem } from './journey-system.ts';
import { runCurl } from './run-in-shell.ts';
import { commandFor, SPECIFICATION_COMMANDS, SPECIFICATION_IDS } from './specification-commands.ts';
import { storedRecord } from './stored-record.ts';

const TIMESTAMP = /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}\.\d{6}$/;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Every curl command of the specification, in order, with only the host and the token replaced. */
export function specificationTutorial(system: () => JourneySystem): void {
  const curl = async (name: keyof typeof SPECIFICATION_COMMANDS) => {
    const { url, token, check } = system();
    const command = commandFor(SPECIFICATION_COMMANDS[name], { host: url, token });
    const [, method = '', address = ''] = /--request (\w+) '([^']+)'/.exec(command) ?? [];
    const response = await runCurl(command);
    const { pathname, search } = new URL(address);
    check(method, `${pathname}${search}`, response);
    return { status: response.status, body: JSON.parse(response.text) };
  };

  const placed = {
    id: expect.stringMatching(UUID),
    customer_id: SEED_IDS.customer,
    provider_id: '4dbeabd6-f397-4375-95d2-a38411e07ed1',
    flow_id: NIL_UUID,
    source: { type: 'tel', target: '+14155551234', target_name: '' },
    destinations: [{ type: 'tel', target: '+821012345678', target_name: '' }],
    anonymous: 'auto',
    call_ids: [expect.stringMatching(UUID)],
    groupcall_ids: [],
    tm_create: expect.stringMatching(TIMESTAMP),
    tm_update: expect.stringMatching(TIMESTAMP),
    tm_delete: null,
  };

  test('places a providercall', async () => {
    const { status, body } = await curl('place');
    expect(status).toBe(200);
    expect(body).toEqual(placed);
    expect(Object.keys(body)).toEqual(Object.keys(placed));
    expect(body.tm_update).toBe(body.tm_create);
    const call = await system().calls.get(body.call_ids[0]);
    expect(call?.call).toMatchObject({
      flow_id: NIL_UUID,
      source: placed.source,
      metadata: { route_provider_ids: [placed.provider_id], skip_source_validation: true },
    });
  });

  test('places a providercall with inline actions, for which there is a temporary flow', async () => {
    const before = await system().idsOf('flows', SEED_IDS.customer);
    const { status, body } = await curl('placeWithActions');
    expect(status).toBe(200);
    expect(body).toEqual(placed);
    const [flowId, ...more] = (await system().idsOf('flows', SEED_IDS.customer)).filter(
      (id) => !before.includes(id),
    );
    expect(more).toEqual([]);
    expect((await system().calls.get(body.call_ids[0]))?.call.flow_id).toBe(flowId);
    const client = await system().clientOf();
    const { data: flow } = await client.api.GET('/flows/{id}', { params: { path: { id: flowId ?? '' } } });
    expect(flow).toMatchObject({ name: 'tmp', persist: false, customer_id: SEED_IDS.customer });
    expect(flow?.actions.map(({ type }) => type)).toEqual(['answer', 'talk', 'hangup']);
  });

  test('observes the call', async () => {
    // The remaining commands name the specification's own record and call, so both must exist.
    await system().calls.insert({
      call: callSchema.parse(CALL_EXAMPLE),
      request_id: 'of-the-specification',
      written_by: 'of-the-specification',
      hangup_asked_at: null,
    });
    await system().insert(storedRecord({ id: SPECIFICATION_IDS.record, callIds: [SPECIFICATION_IDS.call] }));
    const { status, body } = await curl('observe');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      id: SPECIFICATION_IDS.call,
      status: 'progressing',
      hangup_reason: '',
      metadata: {
        route_provider_ids: ['4dbeabd6-f397-4375-95d2-a38411e07ed1'],
        skip_source_validation: true,
      },
    });
  });

  test('lists providercalls, newest first', async () => {
    const { status, body } = await curl('list');
    expect(status).toBe(200);
    const records: { id: string; provider_id: string; tm_create: string }[] = body.result;
    expect(records.every(({ provider_id }) => provider_id === placed.provider_id)).toBe(true);
    expect(records.at(-1)).toMatchObject({
      id: SPECIFICATION_IDS.record,
      call_ids: [SPECIFICATION_IDS.call],
    });
    const times = records.map(({ tm_create }) => tm_create);
    expect(times).toEqual(times.toSorted().reverse());
  });

  test('gets a providercall', async () => {
    const { status, body } = await curl('get');
    expect(status).toBe(200);
    expect(body).toEqual({
      ...placed,
      id: SPECIFICATION_IDS.record,
      call_ids: [SPECIFICATION_IDS.call],
      tm_create: '2026-04-21 23:15:00.000000',
      tm_update: '2026-04-21 23:15:00.000000',
    });
  });

  test('deletes a providercall, which does not affect its call and can still be read', async () => {
    const deleted = await curl('delete');
    expect(deleted.status).toBe(200);
    expect(deleted.body).toMatchObject({
      id: SPECIFICATION_IDS.record,
      tm_create: '2026-04-21 23:15:00.000000',
      tm_delete: expect.stringMatching(TIMESTAMP),
    });
    expect(deleted.body.tm_update).toBe(deleted.body.tm_delete);
    expect(await curl('get')).toEqual(deleted);
    expect(await curl('delete')).toEqual(deleted);
    expect(JSON.stringify((await curl('list')).body)).not.toContain(SPECIFICATION_IDS.record);
    expect((await curl('observe')).body).toMatchObject({ status: 'progressing' });
  });
}
