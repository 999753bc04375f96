import { NIL_UUID } from '@provider-call/client';
import { evidenceOf, printOutcome } from '../evidence-of.ts';
import { callsOf, findRecordId } from '../find.ts';
import { inTurns } from '../in-turns.ts';
import { plainLine } from '../plain-text.ts';
import type { Session } from '../session.ts';
import { providerNames } from './list.ts';

const ABOUT_CANDIDATES =
  'may be its calls or those of another request; compare them (providercall trace ID), then complete the record: docs/operations.md, "Records with several candidates"';

export type GetInput = { id: string; json?: boolean };

/** Prints a record, who created and deleted it, and how its calls went. */
export async function getRecord(session: Session, { id, json }: GetInput): Promise<number> {
  const { terminal, providerCalls } = session;
  const result = await providerCalls.getProviderCall(await findRecordId(session, id));
  const { record, unconfirmed, createdBy, deletedBy, createdByRequestId, candidates } = result;
  const calls = await inTurns(await callsOf(session, record), (call) => evidenceOf(session, call));
  if (json) {
    terminal.print(
      JSON.stringify(
        {
          record,
          unconfirmed,
          ...(createdBy !== undefined && { created_by: createdBy }),
          ...(deletedBy !== undefined && { deleted_by: deletedBy }),
          ...(createdByRequestId !== undefined && { created_by_request_id: createdByRequestId }),
          candidates,
          calls: calls.map(({ call, analysis }) => ({ call, analysis })),
        },
        null,
        2,
      ),
    );
    return 0;
  }

  const provider = (await providerNames(session)).get(record.provider_id);
  const lines: [string, string | undefined][] = [
    ['record', record.id],
    ['provider', provider === undefined ? record.provider_id : `${provider} (${record.provider_id})`],
    ['source', record.source === null ? 'none' : addressText(record.source)],
    ['destinations', record.destinations.map(addressText).join(', ')],
    ['anonymous', record.anonymous],
    ['flow', record.flow_id === NIL_UUID ? undefined : record.flow_id],
    ['created', `${record.tm_create} UTC${createdBy === undefined ? '' : ` by ${createdBy}`}`],
    ['request', createdByRequestId],
    [
      'deleted',
      record.tm_delete === null
        ? undefined
        : `${record.tm_delete} UTC${deletedBy === undefined ? '' : ` by ${deletedBy}`}`,
    ],
    ['state', unconfirmed ? 'unconfirmed: it is not known yet whether its calls were placed' : undefined],
    ['candidates', candidates.length === 0 ? undefined : `${candidates.join(', ')}: ${ABOUT_CANDIDATES}`],
  ];
  for (const [name, value] of lines) {
    if (value !== undefined) terminal.print(`${name.padEnd(13)}${plainLine(value)}`);
  }
  for (const evidence of calls) printOutcome(terminal, evidence);
  return 0;
}

function addressText({
  type,
  target,
  target_name: name,
}: {
  type: string;
  target: string;
  target_name: string;
}): string {
  return `${type === 'tel' ? '' : `${type}:`}${target}${name === '' ? '' : ` "${name}"`}`;
}
