const PLACED = { state: { S: ['placed'] } };

/**
 * Which changes of the table are events, as EventBridge patterns over DynamoDB stream records. A change that matches one
 * of them is passed on: a record that is written as placed, one that becomes placed, one that becomes deleted. An intent,
 * its removal, and whatever else is written to an item match none.
 */
export const CHANGE_PATTERNS = [
  { eventName: ['INSERT'], dynamodb: { NewImage: PLACED } },
  {
    eventName: ['MODIFY'],
    dynamodb: { NewImage: PLACED, OldImage: { state: { S: [{ 'anything-but': ['placed'] }] } } },
  },
  {
    eventName: ['MODIFY'],
    dynamodb: {
      NewImage: { tm_delete: { S: [{ exists: true }] } },
      OldImage: { tm_delete: { S: [{ exists: false }] } },
    },
  },
];
