import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseAllowList } from '../../src/allow-list.ts';
import { UserAgent } from '../../src/user-agent.ts';
import { CALM_TIMERS, dial, wire } from '../call-fixture.ts';
import { startSipp } from './sipp.ts';

let userAgent: UserAgent;

beforeEach(() => {
  userAgent = new UserAgent({ allow: parseAllowList(''), timers: CALM_TIMERS });
});

afterEach(() => userAgent.close());

describe('a call that sipp answers', () => {
  test('ends when sipp hangs up', async () => {
    const sipp = await startSipp('answer-and-hang-up');
    const call = dial(userAgent, { provider: { hostname: sipp.host } });
    expect(await call.ended).toEqual({ by: 'remote', reason: 'normal' });
    expect(call.events).toEqual(['ringing', 'answered', 'ended']);
    await sipp.finished();
  });

  test('ends when we hang up', async () => {
    const sipp = await startSipp('answer-and-wait');
    const call = dial(userAgent, { provider: { hostname: sipp.host } });
    await call.answered;
    call.hangup();
    expect(await call.ended).toEqual({ by: 'local', reason: 'normal' });
    await sipp.finished();
  });

  test('slowly, without ringing, sends one INVITE', async () => {
    const sipp = await startSipp('answer-slowly');
    const call = dial(userAgent, { provider: { hostname: sipp.host } });
    await call.answered;
    call.hangup();
    expect(await call.ended).toEqual({ by: 'local', reason: 'normal' });
    expect(call.events).toEqual(['answered', 'ended']);
    expect(wire(call.snapshot()).filter((line) => line === 'sent INVITE')).toEqual(['sent INVITE']);
    await sipp.finished();
  });

  test('ends at its maximum duration', async () => {
    const sipp = await startSipp('answer-and-wait');
    const call = dial(userAgent, { provider: { hostname: sipp.host }, maxDurationMs: 300 });
    expect(await call.ended).toEqual({ by: 'local', reason: 'timeout' });
    await sipp.finished();
  });

  test('goes on when sipp puts it on hold', async () => {
    const sipp = await startSipp('reinvite');
    const call = dial(userAgent, { provider: { hostname: sipp.host }, maxDurationMs: 500 });
    expect(await call.ended).toEqual({ by: 'local', reason: 'timeout' });
    expect(wire(call.snapshot())).toContain('sent 200 INVITE');
    const response = call
      .snapshot()
      .messages.find(
        ({ raw }) =>
          raw.startsWith('SIP/2.0 200 OK') && /^CSeq: 1 INVITE/m.test(raw) && raw.includes('a=recvonly'),
      );
    expect(response?.raw).toMatch(/^Session-Expires: 1800;refresher=uac\r$/m);
    await sipp.finished();
  });
});

describe('a call that sipp rejects', () => {
  test.each([
    ['486 Busy Here', 'busy'],
    ['600 Busy Everywhere', 'busy'],
    ['480 Temporarily Unavailable', 'no_answer'],
    ['603 Decline', 'no_answer'],
    ['403 Forbidden', 'failed'],
    ['404 Not Found', 'failed'],
    ['503 Service Unavailable', 'failed'],
    ['302 Moved Temporarily', 'failed'],
  ])('with %s is %s', async (status, reason) => {
    const sipp = await startSipp('reject', { status });
    const call = dial(userAgent, { provider: { hostname: sipp.host } });
    expect(await call.ended).toEqual({ by: 'remote', reason, sipStatus: Number(status.slice(0, 3)) });
    await sipp.finished();
  });
});

describe('a call that sipp lets ring', () => {
  test('ends with the dial timeout', async () => {
    const sipp = await startSipp('ring');
    const call = dial(userAgent, { provider: { hostname: sipp.host }, dialTimeoutMs: 500 });
    expect(await call.ended).toEqual({ by: 'local', reason: 'dialout', sipStatus: 487 });
    expect(call.events).toEqual(['ringing', 'ended']);
    await sipp.finished();
  });

  test('ends when we give up', async () => {
    const sipp = await startSipp('ring');
    const call = dial(userAgent, { provider: { hostname: sipp.host } });
    await call.ringing;
    call.hangup();
    expect(await call.ended).toEqual({ by: 'local', reason: 'cancel', sipStatus: 487 });
    await sipp.finished();
  });
});

describe('a call that sipp challenges', () => {
  const account = (auth_password: string) => ({ auth_username: 'user', auth_password });

  test('is answered with the right password', async () => {
    const sipp = await startSipp('challenge');
    const call = dial(userAgent, { provider: { hostname: sipp.host, ...account('secret') } });
    await call.answered;
    call.hangup();
    expect(await call.ended).toEqual({ by: 'local', reason: 'normal' });
    await sipp.finished();
  });

  test('fails with a wrong password', async () => {
    const sipp = await startSipp('challenge');
    const call = dial(userAgent, { provider: { hostname: sipp.host, ...account('wrong') } });
    expect(await call.ended).toEqual({ by: 'remote', reason: 'failed', sipStatus: 403 });
    await sipp.finished();
  });
});

test('a closed port fails at once', async () => {
  const call = dial(userAgent, { provider: { hostname: '127.0.0.1:9' } });
  expect(await call.ended).toEqual({ by: 'local', reason: 'failed' });
  expect(wire(call.snapshot())).toEqual(['sent INVITE', 'local 503 INVITE']);
  expect(await userAgent.ping({ host: '127.0.0.1', port: 9 }, 5_000)).toMatchObject({
    by: 'local',
    status: 503,
  });
});
