import * as z from 'zod/mini';

export const addressSchema = z.strictObject({
  type: z.string().check(z.minLength(1), z.maxLength(64)),
  target: z.string().check(z.minLength(1), z.maxLength(255)),
  target_name: z._default(z.string().check(z.maxLength(255)), ''),
});
/** Who calls or is called: `tel` and `sip` are dialled, `agent` and `extension` stand for a group of such addresses. */
export type Address = z.infer<typeof addressSchema>;

export const anonymousSchema = z.enum(['yes', 'no', 'auto', '']);
/** Whether the caller's number is hidden; `auto` and the empty string mean `no` today. */
export type Anonymous = z.infer<typeof anonymousSchema>;
