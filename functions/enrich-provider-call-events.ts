import { unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod/mini';
import { eventOfChange } from './events/provider-call-event.ts';
import { startLine } from './log/log-line.ts';
import { loggedHandler } from './log/logged-handler.ts';
import { fromItem, RESTORED_AT } from './provider-calls/provider-call-item.ts';

/** An attribute value in DynamoDB's wire format, limited to the types that the items of this table use. */
type Attribute =
  | { S: string }
  | { N: string }
  | { BOOL: boolean }
  | { NULL: true }
  | { L: Attribute[] }
  | { M: Record<string, Attribute> };

const attributeSchema: z.ZodMiniType<Attribute> = z.union([
  z.strictObject({ S: z.string() }),
  z.strictObject({ N: z.string() }),
  z.strictObject({ BOOL: z.boolean() }),
  z.strictObject({ NULL: z.literal(true) }),
  z.strictObject({ L: z.array(z.lazy(() => attributeSchema)) }),
  z.strictObject({
    M: z.record(
      z.string(),
      z.lazy(() => attributeSchema),
    ),
  }),
]);

const imageSchema = z.pipe(
  z.record(z.string(), attributeSchema),
  z.transform((image) => ({ stored: fromItem(unmarshall(image)), isRestored: RESTORED_AT in image })),
);

const changesSchema = z.array(
  z.object({ dynamodb: z.object({ OldImage: z.optional(imageSchema), NewImage: imageSchema }) }),
);

/**
 * The enrichment step of the EventBridge pipe: turns the table's changes into events, in their order. A change that is
 * not an event is dropped, whatever the pipe's patterns let through: an intent is never published.
 */
export const handler = loggedHandler(
  {
    schema: changesSchema,
    startLine: () => startLine('enrich'),
    failure: { metrics: {} },
  },
  async (changes) => {
    const events = changes
      .map(({ dynamodb: { OldImage, NewImage } }) => {
        // A restored record was published when it was first written.
        const before = OldImage ?? (NewImage.isRestored ? NewImage : undefined);
        return eventOfChange(before?.stored, NewImage.stored);
      })
      .filter((event) => event !== undefined);
    return { metrics: {}, respond: () => events };
  },
);
