import * as z from 'zod/mini';
import { addressSchema } from './address.ts';

export const groupcallSchema = z.object({
  id: z.string(),
  customer_id: z.string(),
  status: z.enum(['progressing', 'hangup']),
  flow_id: z.string(),
  source: z.nullable(addressSchema),
  /** The destinations of its legs. */
  destinations: z.array(addressSchema),
  master_call_id: z.string(),
  ring_method: z.literal('ring_all'),
  answer_method: z.literal('hangup_others'),
  /** The leg that answered first; nil UUID before that. */
  answer_call_id: z.string(),
  call_ids: z.array(z.string()),
  call_count: z.number(),
  tm_create: z.string(),
  tm_update: z.string(),
  tm_delete: z.nullable(z.string()),
});
/** One destination that rings several addresses at once; the first answer ends the other legs. */
export type Groupcall = z.infer<typeof groupcallSchema>;
