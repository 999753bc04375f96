import * as z from 'zod/mini';

export const actionSchema = z.looseObject({
  type: z.string().check(z.minLength(1), z.maxLength(255)),
  option: z.optional(z.record(z.string(), z.unknown())),
});
export type Action = z.infer<typeof actionSchema>;

export const flowSchema = z.object({
  id: z.string(),
  customer_id: z.string(),
  type: z.literal('flow'),
  name: z.string(),
  detail: z.string(),
  persist: z.boolean(),
  actions: z.array(actionSchema),
  on_complete_flow_id: z.string(),
  tm_create: z.string(),
  tm_update: z.string(),
  tm_delete: z.nullable(z.string()),
});
/** What a call does after its answer. */
export type Flow = z.infer<typeof flowSchema>;
