// Where an answer goes: handed down once, written by the dispatcher, implemented by http/.

/**
 * Response headers in order; values are checked for CR, LF and NUL by the sink. An entry that is `lines` stands for several: its value is
 * whole lines of the gateway's own, each behind CR and LF, and it is only for sinks that take such.
 */
export type HeaderList = readonly (readonly [name: string, value: string, lines?: true])[];

export interface Sink {
  /** Something of the answer reached the client's socket: no retry or fallback any more. */
  readonly committed: boolean;
  /** The client left or the answer ended: nothing can be written. */
  readonly closed: boolean;
  /** Headers may come as lines. Absent = each comes by itself. */
  readonly takesLines?: true;
  /** The answer is complete, and its client has yet to take the rest: `onTaken` is called when it has. */
  readonly ending: boolean;
  /** Bytes of the body handed to the socket so far. */
  readonly bytesOut: number;
  /**
   * A whole answer with a content-length.
   * @param yours nobody else looks at `body` again: its memory may be given back once the client has it.
   */
  reply(status: number, headers: HeaderList, body: Buffer | string, yours?: boolean): void;
  /** Head of a streamed answer. */
  start(status: number, headers: HeaderList): void;
  /**
   * One piece of a streamed answer, flushed at once. False: the client reads slowly, pause the source until `onDrain`.
   * Never refuses; the sink itself cuts a client that takes nothing for `clientProgressMs`.
   */
  chunk(bytes: Buffer | string): boolean;
  end(): void;
  /** Ends the connection without another word: what was written is not to be taken for whole. Counts as the client's leaving. */
  cut(): void;
  /** Set by the writer of a stream: called when the sink wants more after chunk() said false. */
  onDrain: (() => void) | null;
  /** Set while `ending`: called once, when the last byte is taken. Not when the client leaves before. */
  onTaken: (() => void) | null;
}
