import { type Call, type Provider, type ProviderCall, ProviderCallApiError } from '@provider-call/client';
import { CliError, EXIT } from './cli-error.ts';
import { inTurns } from './in-turns.ts';
import { plainLine } from './plain-text.ts';
import type { Session } from './session.ts';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const ID_PREFIX = /^[0-9a-f-]{2,36}$/i;
/** How many of the newest records and calls are searched for a prefix. */
const MAX_SEARCHED = 1000;
/** How deep groupcalls are followed below a record: one to an agent has one for each of the agent's extensions. */
export const MAX_GROUPCALL_DEPTH = 4;

/** Returns whether a text is a whole id rather than a name or the beginning of an id. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}

/**
 * Returns the provider with a name, an id or the beginning of an id; a deleted one is found only by its full id.
 *
 * @throws {CliError} 2 when there is none, or more than one
 */
export async function findProvider({ platform }: Session, name: string): Promise<Provider> {
  if (isUuid(name)) {
    const provider = await unlessAbsent(platform.getProvider(name));
    if (provider !== undefined) return provider;
    throw new CliError(EXIT.usage, `there is no provider ${name}: providercall providers lists them`);
  }
  const providers: Provider[] = [];
  for await (const provider of platform.allProviders()) providers.push(provider);
  const named = providers.filter((provider) => provider.name === name);
  const matches =
    named.length > 0
      ? named
      : providers.filter(
          (provider) =>
            provider.name.toLowerCase() === name.toLowerCase() ||
            (ID_PREFIX.test(name) && provider.id.startsWith(name.toLowerCase())),
        );
  return only(
    matches,
    'provider',
    name,
    'providercall providers lists them',
    ({ id, name: other }) => `${id} ${other}`,
  );
}

/**
 * Returns the id of the record with an id or the beginning of one.
 *
 * @throws {CliError} 2 when there is none, or more than one
 */
export async function findRecordId(session: Session, prefix: string): Promise<string> {
  if (isUuid(prefix)) return prefix.toLowerCase();
  checkPrefix(prefix, 'record');
  const matches: ProviderCall[] = [];
  for await (const record of newest(session.providerCalls.allProviderCalls())) {
    if (record.id.startsWith(prefix.toLowerCase())) matches.push(record);
  }
  return only(matches, 'record', prefix, 'providercall list shows them', ({ id }) => id).id;
}

/**
 * Returns the calls for an id or the beginning of one: a call, or all calls of a record.
 *
 * @throws {CliError} 2 when there is no such call or record, or more than one
 */
export async function findCalls(session: Session, id: string): Promise<Call[]> {
  if (!isUuid(id)) return findCallsByPrefix(session, id);
  const call = await unlessAbsent(session.platform.getCall(id));
  if (call !== undefined) return [call];
  const result = await unlessAbsent(session.providerCalls.getProviderCall(id));
  if (result === undefined)
    throw new CliError(EXIT.usage, `there is no call or record ${id}: providercall list shows them`);
  return callsOf(session, result.record);
}

/** Returns a record's calls, including those of its groupcalls. Those that the platform does not have are left out. */
export async function callsOf({ platform }: Session, record: ProviderCall): Promise<Call[]> {
  const ids = new Set(record.call_ids);
  const groupcallIds = new Set(record.groupcall_ids);
  let level = [...groupcallIds];
  for (let depth = 1; level.length > 0 && depth <= MAX_GROUPCALL_DEPTH; depth += 1) {
    const groupcalls = await inTurns(level, (id) => unlessAbsent(platform.getGroupcall(id)));
    for (const id of groupcalls.flatMap((groupcall) => groupcall?.call_ids ?? [])) ids.add(id);
    const children = new Set(groupcalls.flatMap((groupcall) => groupcall?.groupcall_ids ?? []));
    level = [...children].filter((id) => !groupcallIds.has(id));
    for (const id of level) groupcallIds.add(id);
  }
  const calls = await inTurns([...ids], (id) => unlessAbsent(platform.getCall(id)));
  return calls.filter((call) => call !== undefined);
}

async function findCallsByPrefix(session: Session, prefix: string): Promise<Call[]> {
  checkPrefix(prefix, 'call or record');
  const wanted = prefix.toLowerCase();
  const calls = new Set<string>();
  const records = new Map<string, ProviderCall>();
  for await (const record of newest(session.providerCalls.allProviderCalls())) {
    if (record.id.startsWith(wanted)) records.set(record.id, record);
    for (const id of record.call_ids) if (id.startsWith(wanted)) calls.add(id);
  }
  if (calls.size + records.size === 0) {
    // A groupcall's leg, or a call of a deleted record.
    for await (const { id } of newest(session.platform.allCalls())) if (id.startsWith(wanted)) calls.add(id);
  }
  const found = [...calls, ...records.keys()];
  const id = only(found, 'call or record', prefix, 'providercall list shows them', (candidate) => candidate);
  const record = records.get(id);
  if (record !== undefined) return callsOf(session, record);
  const call = await unlessAbsent(session.platform.getCall(id));
  if (call === undefined) throw new CliError(EXIT.usage, `the platform no longer has call ${plainLine(id)}`);
  return [call];
}

function checkPrefix(prefix: string, what: string): void {
  if (ID_PREFIX.test(prefix)) return;
  throw new CliError(
    EXIT.usage,
    `"${plainLine(prefix)}" is not the beginning of an id: name a ${what} by at least two characters of it`,
  );
}

async function* newest<T>(all: AsyncGenerator<T>): AsyncGenerator<T> {
  let count = 0;
  for await (const one of all) {
    yield one;
    count += 1;
    if (count === MAX_SEARCHED) return;
  }
}

function only<T>(matches: T[], what: string, name: string, hint: string, format: (match: T) => string): T {
  const [match] = matches;
  if (match === undefined)
    throw new CliError(EXIT.usage, `there is no ${what} "${plainLine(name)}": ${hint}`);
  if (matches.length === 1) return match;
  const some = matches.slice(0, 5).map((one) => plainLine(format(one)));
  const more = matches.length > some.length ? ` and ${matches.length - some.length} more` : '';
  throw new CliError(
    EXIT.usage,
    `"${plainLine(name)}" is ambiguous: name one by its id: ${some.join(', ')}${more}`,
  );
}

/**
 * Returns undefined if the API responds that the resource does not exist, or no longer: for a deleted call, the platform
 * responds 409 with a reason of its own.
 */
export async function unlessAbsent<T>(promise: Promise<T>): Promise<T | undefined> {
  try {
    return await promise;
  } catch (error) {
    if (!(error instanceof ProviderCallApiError)) throw error;
    const { httpStatus, reason }: { httpStatus: number; reason: string } = error;
    if (httpStatus === 404 || (httpStatus === 409 && reason === 'STATE_INVALID')) return undefined;
    throw error;
  }
}
