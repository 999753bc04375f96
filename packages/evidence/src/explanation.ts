/** What something on the wire means: one sentence and its source. */
export type Explanation = {
  /** The name in the source: "Busy Here". */
  name: string;
  text: string;
  /** "RFC 3261 §21.4.24" */
  source: string;
};

/** A row of a table of explanations: name, text, source. */
export type ExplanationRow = readonly [name: string, text: string, source: string];

/** Returns a row of a table as an explanation. */
export function explanationOf([name, text, source]: ExplanationRow): Explanation {
  return { name, text, source };
}
