// The port between an attempt and what it does with a streamed answer: byte-relay.ts or translate-relay.ts.

/** What turns upstream bytes of a streamed answer into the client's. */
export interface StreamRelay {
  /** @throws GatewayError when the stream cannot go on. */
  data(chunk: Buffer): void;
  /** The upstream closed properly. @throws GatewayError when the answer is not complete. */
  ended(): void;
  /** Content events so far; 0 before the first token. Pings and comments are none. */
  readonly tokens: number;
  /** A terminal marker was seen: only usage or the sentinel may be missing. */
  readonly complete: boolean;
  /** The client has its whole answer. */
  readonly finished: boolean;
}
