import { randomUUID } from 'node:crypto';
import {
  ConnectionError,
  type CreateProviderCall,
  isIdempotencyKey,
  ProviderCallApiError,
  type ProviderCallResult,
  RequestTimeoutError,
  sayActions,
  UnexpectedResponseError,
  warningsOf,
} from '@provider-call/client';
import { addressIn, readActions } from '../arguments.ts';
import { CliError, EXIT } from '../cli-error.ts';
import { describeError } from '../describe-error.ts';
import { destinationOf, evidenceOf, evidenceWithoutMessages, printOutcome } from '../evidence-of.ts';
import { exitCodeOf } from '../exit-code-of.ts';
import { findProvider, isUuid } from '../find.ts';
import { inTurns } from '../in-turns.ts';
import { createInterrupts, type Interrupts } from '../interrupts.ts';
import { createLiveLines } from '../live-lines.ts';
import { plainLine } from '../plain-text.ts';
import type { Session } from '../session.ts';
import { goesOn, type WatchedCall, watchCalls } from '../watch-calls.ts';

export type CallInput = {
  destinations: string[];
  provider: string;
  from?: string;
  anonymous?: 'yes' | 'no' | 'auto';
  flow?: string;
  say?: string;
  actions?: string;
  dryRun?: boolean;
  yes?: boolean;
  watch: boolean;
  hangupOnExit?: boolean;
  idempotencyKey?: string;
  json?: boolean;
};

/**
 * Places calls and watches them until they end.
 *
 * 1. Build the request; find the provider. 2. Show warnings, and ask before money is spent. 3. Send the request with an
 *   Idempotency-Key, so that repeating the command dials nothing twice. 4. Watch all calls. 5. Print verdicts, and the
 *   ladder of each failed call.
 *
 * @returns the exit code
 */
export async function placeCalls(session: Session, input: CallInput): Promise<number> {
  checkIdempotencyKey(input);
  const request = await requestOf(session, input);
  if (input.dryRun) {
    const { previewCalls } = await import('../preview.ts');
    return previewCalls(session, request, input);
  }
  await confirmWarnings(session, request, input);

  const { terminal } = session;
  const idempotencyKey = input.idempotencyKey ?? `cli-${randomUUID()}`;
  terminal.note(`Idempotency-Key: ${idempotencyKey}`);
  const interrupts = createInterrupts();
  try {
    const result = await create(session, request, idempotencyKey);
    reportCreated(session, result, input);
    if (!input.watch) {
      if (input.json) printJson(session, result, idempotencyKey, []);
      return result.unconfirmed ? EXIT.outcomeUnknown : EXIT.ok;
    }
    return await watchToTheEnd(session, result, idempotencyKey, input, interrupts);
  } finally {
    interrupts.release();
  }
}

/** @throws {CliError} 2 when the API would not accept the key */
function checkIdempotencyKey({ idempotencyKey: key }: CallInput): void {
  if (key === undefined || isIdempotencyKey(key)) return;
  throw new CliError(
    EXIT.usage,
    `--idempotency-key takes 1 to 255 visible ASCII characters, not "${plainLine(key)}"`,
  );
}

async function requestOf(session: Session, input: CallInput): Promise<CreateProviderCall> {
  const destinations = input.destinations.map((text) => addressIn(text));
  const actions =
    input.say !== undefined
      ? sayActions(input.say)
      : input.actions !== undefined
        ? await readActions(session.terminal, input.actions)
        : undefined;
  if (input.flow !== undefined && !isUuid(input.flow)) {
    throw new CliError(EXIT.usage, '--flow takes the id of a flow');
  }
  // The API itself checks an id.
  const providerId = isUuid(input.provider)
    ? input.provider
    : (await findProvider(session, input.provider)).id;
  return {
    provider_id: providerId,
    ...(input.flow !== undefined && { flow_id: input.flow }),
    ...(actions !== undefined && { actions }),
    ...(input.from !== undefined && { source: addressIn(input.from) }),
    destinations,
    ...(input.anonymous !== undefined && { anonymous: input.anonymous }),
  };
}

/**
 * Asks before dialling something that is probably a mistake.
 *
 * @throws {CliError} 2 without a terminal, or if the user declines
 */
async function confirmWarnings(
  { terminal }: Pick<Session, 'terminal'>,
  request: CreateProviderCall,
  { yes = false }: Pick<CallInput, 'yes'>,
): Promise<void> {
  const warnings = warningsOf(request);
  if (warnings.length === 0) return;
  for (const { message, suggestion, code } of warnings) {
    const hint = suggestion === undefined || code === 'unknown_action' ? '' : ` Did you mean ${suggestion}?`;
    terminal.note(`${terminal.style('yellow', 'warning:')} ${plainLine(`${message}${hint}`)}`);
  }
  if (yes) return;
  if (terminal.isInteractive && (await terminal.confirm('Place these real, billed calls anyway?'))) return;
  throw new CliError(
    EXIT.usage,
    'nothing was dialled: correct the request, or add --yes to dial it as it is',
  );
}

/**
 * Creates the record. If the calls may have been placed despite a failure, the error names the key with which to repeat
 * the command.
 */
async function create(
  session: Session,
  request: CreateProviderCall,
  idempotencyKey: string,
): Promise<ProviderCallResult> {
  try {
    return await session.providerCalls.createProviderCall(request, { idempotencyKey });
  } catch (error) {
    if (error instanceof ProviderCallApiError && error.reason !== 'REQUEST_IN_PROGRESS') throw error;
    const isUnknown =
      error instanceof ProviderCallApiError ||
      error instanceof UnexpectedResponseError ||
      error instanceof RequestTimeoutError ||
      (error instanceof ConnectionError && session.mayHaveReachedApi(error));
    if (!isUnknown) throw error;
    throw new CliError(
      EXIT.outcomeUnknown,
      `${plainLine(error.message)}; the calls may have been placed: repeat the command with --idempotency-key ${idempotencyKey}; nothing is dialled twice`,
      { cause: error },
    );
  }
}

function reportCreated({ terminal }: Session, result: ProviderCallResult, { json }: CallInput): void {
  const { record, replayed, unconfirmed } = result;
  const print = json ? terminal.note : terminal.print;
  const id = plainLine(record.id);
  print(`record ${id}${replayed ? ' (placed earlier with this key; nothing was dialled now)' : ''}`);
  if (unconfirmed) {
    terminal.note(
      `it is not known yet whether its calls were placed: check later with providercall get ${id}`,
    );
  }
}

async function watchToTheEnd(
  session: Session,
  result: ProviderCallResult,
  idempotencyKey: string,
  input: CallInput,
  interrupts: Interrupts,
): Promise<number> {
  const { terminal } = session;
  const lines = createLiveLines(terminal);
  let calls: readonly WatchedCall[] = [];
  let isHangingUp = false;
  let isSilent = false;
  for (;;) {
    const watch = await watchCalls(session, result.record, {
      signal: isHangingUp ? new AbortController().signal : interrupts.signal,
      ...(!input.json && { onChange: lines.show }),
    });
    lines.stop();
    calls = watch.calls;
    if (watch.finished) break;
    isSilent = isHangingUp || !interrupts.signal.aborted;
    if (isSilent) break;
    isHangingUp = await hangUpOnInterrupt(session, calls, input, interrupts);
    if (!isHangingUp) break;
  }

  const evidence = await inTurns(calls, async ({ call }) => {
    if (call === undefined) return undefined;
    return isSilent ? evidenceWithoutMessages(call) : evidenceOf(session, call);
  });
  const known = evidence.filter((one) => one !== undefined);
  if (input.json) printJson(session, result, idempotencyKey, known);
  else {
    for (const one of known) printOutcome(terminal, one);
  }
  const open = calls.filter(goesOn);
  if (open.length > 0) {
    terminal.note(
      `${open.length} of ${calls.length} calls go on: providercall hangup ${plainLine(result.record.id)} ends them`,
    );
    return EXIT.outcomeUnknown;
  }
  return exitCodeOf(evidence.map((one) => one?.analysis));
}

/** Returns whether the calls are being hung up after Ctrl-C; otherwise they go on without us. */
async function hangUpOnInterrupt(
  session: Session,
  calls: readonly WatchedCall[],
  { hangupOnExit = false }: CallInput,
  interrupts: Interrupts,
): Promise<boolean> {
  const { terminal, platform } = session;
  const open = calls.filter(goesOn);
  const names = open
    .map(({ call, id }) => (call === undefined ? plainLine(id) : destinationOf(call)))
    .join(', ');
  const wanted =
    hangupOnExit ||
    (terminal.isInteractive &&
      (await terminal.confirm(`Hang up ${names}? Ctrl-C again leaves at once.`, interrupts.second)));
  if (!wanted) return false;
  await inTurns(open, async ({ id }) => {
    await platform
      .hangUp(id)
      .catch((error: unknown) => terminal.note(`call ${plainLine(id)}: ${describeError(error).message}`));
  });
  return true;
}

function printJson(
  { terminal }: Session,
  { record, unconfirmed, replayed, requestId }: ProviderCallResult,
  idempotencyKey: string,
  calls: readonly { call: object; analysis: object }[],
): void {
  terminal.print(
    JSON.stringify(
      {
        record,
        unconfirmed,
        replayed,
        request_id: requestId,
        idempotency_key: idempotencyKey,
        calls: calls.map(({ call, analysis }) => ({ call, analysis })),
      },
      null,
      2,
    ),
  );
}
