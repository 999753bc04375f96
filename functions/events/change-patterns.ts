import { RESTORED_AT } from '../provider-calls/provider-call-item.ts';

const PLACED = { state: { S: ['placed'] } };

/**
 * Which changes of the table are events, as EventBridge patterns over DynamoDB stream records. A change that matches one
 * of them is forwarded: a record that is written as placed, unless it is restored from a backup, one that becomes placed, and
 * one that is deleted while it is placed. An intent, a record whose calls are not known, their removal, and whatever else is
 * written to an item match none.
 */
export const CHANGE_PATTERNS = [
  { eventName: ['INSERT'], dynamodb: { NewImage: { ...PLACED, [RESTORED_AT]: { S: [{ exists: false }] } } } },
  {
    eventName: ['MODIFY'],
    dynamodb: { NewImage: PLACED, OldImage: { state: { S: [{ 'anything-but': ['placed'] }] } } },
  },
  {
    eventName: ['MODIFY'],
    dynamodb: {
      NewImage: { tm_delete: { S: [{ exists: true }] } },
      OldImage: { ...PLACED, tm_delete: { S: [{ exists: false }] } },
    },
  },
];
