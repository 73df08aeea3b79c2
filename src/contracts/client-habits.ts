// What a vendor's own clients count on that an answer in OpenAI's words has not.

/** A vendor's ways with Chat Completions and vectors, where they are not OpenAI's. */
export interface ClientHabits {
  /** The chunk that ends a streamed answer tells the usage, asked for or not. `x_groq`: in Groq's own member, too. Absent: as OpenAI. */
  readonly usage?: 'finish' | 'x_groq';
  /** A tool call of a stream comes whole, in one chunk, and no chunk has an empty `usage`. */
  readonly wholeCalls?: true;
  /** A list of vectors has an id. */
  readonly vectorsId?: true;
}
