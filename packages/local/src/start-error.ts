/** What keeps the local system from starting. Its message is the one line that the person at the terminal sees. */
export class StartError extends Error {
  override readonly name = 'StartError';
}
