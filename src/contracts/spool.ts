// Room outside memory for bytes on their way.

/** Bytes that are read once, in the order they were written. */
export interface Spool {
  /** The piece is the spool's from then on. @returns false: no more until `drained` is called. */
  write(piece: Buffer): boolean;
  drained: (() => void) | null;
  /** The next bytes; null = all that were written are read. One at a time. Rejects when they cannot be read. */
  read(): Promise<Buffer | null>;
  /** Lets go of it. Idempotent. */
  close(): void;
}

/** @param failed it can be written no further. */
export type OpenSpool = (failed: (cause: unknown) => void) => Spool;
