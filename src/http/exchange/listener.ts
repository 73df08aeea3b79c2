// What the server knows of a listener, whichever makes its exchanges.

/** Where requests come from: one of them, and room for others beside it. */
export interface Listener {
  /** Takes no further connections, once nobody waits in the accept queue; open ones stay. */
  stop(): Promise<void>;
  /** Ends everything at once. */
  close(): void;
}
