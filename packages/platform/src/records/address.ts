import * as z from 'zod/mini';

// A line break would start a new header in a SIP message.
const text = z.string().check(z.maxLength(255), z.regex(/^[^\p{Cc}]*$/u, 'has a control character'));

export const addressSchema = z.strictObject({
  type: z.string().check(z.minLength(1), z.maxLength(64)),
  target: text.check(z.minLength(1)),
  target_name: z._default(text, ''),
});
/** Who calls or is called: `tel` and `sip` are dialled, `agent` and `extension` stand for a group of such addresses. */
export type Address = z.infer<typeof addressSchema>;

export const anonymousSchema = z.enum(['yes', 'no', 'auto', '']);
/** Whether the caller's number is hidden; `auto` and the empty string mean `no` today. */
export type Anonymous = z.infer<typeof anonymousSchema>;
