import { unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod/mini';
import { eventOfChange, type ProviderCallEvent } from './events/provider-call-event.ts';
import { fromItem } from './provider-calls/provider-call-item.ts';

/** An attribute value of DynamoDB's wire format, as far as the items of this table use it. */
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
  z.transform((image) => fromItem(unmarshall(image))),
);

const changesSchema = z.array(
  z.object({ dynamodb: z.object({ OldImage: z.optional(imageSchema), NewImage: imageSchema }) }),
);

/**
 * Turns the changes that the pipe let through into events, in their order. A change that is none gives nothing, whatever
 * the pipe's patterns say: an intent is never told of.
 */
export const handler = async (changes: unknown): Promise<ProviderCallEvent[]> =>
  changesSchema
    .parse(changes)
    .map(({ dynamodb: { OldImage: before, NewImage: after } }) => eventOfChange(before, after))
    .filter((event) => event !== undefined);
