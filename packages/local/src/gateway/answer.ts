/** What goes back to the client. */
export type Answer = {
  status: number;
  /** A name may come more than once. */
  headers: [name: string, value: string][];
  body: string;
};
