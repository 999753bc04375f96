import * as z from 'zod/mini';
import { addressSchema } from './address.ts';
import { dialrouteSchema } from './dialroute.ts';

/**
 * A status only moves forward, in this order. Between the request to hang up and the end of the call, it is canceling
 * before the answer and terminating after it.
 */
const callStatusSchema = z.enum(['dialing', 'ringing', 'progressing', 'terminating', 'canceling', 'hangup']);
export type CallStatus = z.infer<typeof callStatusSchema>;

const hangupBySchema = z.enum(['remote', 'local']);

/**
 * Why a call ended. `failed`: it never reached the phone network; `cancel`: our side gave up before the answer;
 * `timeout`: the maximum duration after the answer was reached; `dialout`: our own dial timeout before the answer was.
 */
const hangupReasonSchema = z.enum(['normal', 'failed', 'busy', 'cancel', 'timeout', 'no_answer', 'dialout']);

/** The metadata that the platform's servers may set on a call. Any other key is rejected. */
export const callMetadataSchema = z.strictObject({
  rtp_debug: z.optional(z.boolean()),
  route_provider_ids: z.optional(z.array(z.string()).check(z.maxLength(10))),
  skip_source_validation: z.optional(z.boolean()),
  codecs: z.optional(z.string().check(z.regex(/^[A-Za-z0-9-]+(,[A-Za-z0-9-]+)*$/), z.maxLength(255))),
});

export const callSchema = z.object({
  id: z.string(),
  customer_id: z.string(),
  flow_id: z.string(),
  activeflow_id: z.string(),
  type: z.literal('flow'),
  master_call_id: z.string(),
  groupcall_id: z.string(),
  source: z.nullable(addressSchema),
  destination: addressSchema,
  status: callStatusSchema,
  direction: z.literal('outgoing'),
  metadata: callMetadataSchema,
  hangup_by: z.union([hangupBySchema, z.literal('')]),
  hangup_reason: z.union([hangupReasonSchema, z.literal('')]),
  /** The route in use, or the last one used. */
  dialroute_id: z.string(),
  dialroutes: z.array(dialrouteSchema),
  tm_ringing: z.nullable(z.string()),
  tm_progressing: z.nullable(z.string()),
  tm_hangup: z.nullable(z.string()),
  tm_create: z.string(),
  tm_update: z.string(),
  tm_delete: z.nullable(z.string()),
});
export type Call = z.infer<typeof callSchema>;

/** Returns the call as ended, because its process is gone and with it everybody on the call. */
export function endedCall(call: Call, now: string): Call {
  return {
    ...call,
    status: 'hangup',
    hangup_by: 'local',
    hangup_reason: 'failed',
    tm_hangup: now,
    tm_update: now,
  };
}
