const placed = { state: { S: ['placed'] } };

/**
 * Which changes of the table are events, as EventBridge patterns over DynamoDB stream records. A change that matches one
 * of them goes on: a record that is written as placed, one that becomes placed, one that becomes deleted. An intent, its
 * end, and whatever else is noted on an item match none.
 */
export const changePatterns = [
  { eventName: ['INSERT'], dynamodb: { NewImage: placed } },
  {
    eventName: ['MODIFY'],
    dynamodb: { NewImage: placed, OldImage: { state: { S: [{ 'anything-but': ['placed'] }] } } },
  },
  {
    eventName: ['MODIFY'],
    dynamodb: {
      NewImage: { tm_delete: { S: [{ exists: true }] } },
      OldImage: { tm_delete: { S: [{ exists: false }] } },
    },
  },
];
