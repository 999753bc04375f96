/** An error that prevents the local system from starting. Its message is the single line that the user sees. */
export class StartError extends Error {
  override readonly name = 'StartError';
}
