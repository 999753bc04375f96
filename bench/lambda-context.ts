/** Returns the context object of Lambda's Node.js runtime for an invocation, by its number in the process. */
export function contextOf(number: number) {
  return {
    awsRequestId: `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`,
    functionName: 'measured',
    functionVersion: '$LATEST',
    invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:measured',
    memoryLimitInMB: '512',
    getRemainingTimeInMillis: () => 28_000,
  };
}
