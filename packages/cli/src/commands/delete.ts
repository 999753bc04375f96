import { findRecordId } from '../find.ts';
import { plainLine } from '../plain-text.ts';
import type { Session } from '../session.ts';

export type DeleteInput = { id: string; json?: boolean };

/** Removes a record from the lists. Its calls go on. */
export async function deleteRecord(session: Session, { id, json }: DeleteInput): Promise<number> {
  const { record } = await session.providerCalls.deleteProviderCall(await findRecordId(session, id));
  session.terminal.print(
    json
      ? JSON.stringify(record, null, 2)
      : plainLine(
          `record ${record.id} deleted ${record.tm_delete} UTC; its calls go on, providercall hangup ${record.id} ends them`,
        ),
  );
  return 0;
}
