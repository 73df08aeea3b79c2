// What the rest of the gateway sees of a logger: fields first, then a short message. Made by logger.ts.

/** Fields of a line. An error goes under `err`; nothing here may be a body, a key or a header map. */
export type LogFields = Readonly<Record<string, unknown>>;

export interface Log {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
  fatal(fields: LogFields, message: string): void;
  /** The same log with fields on every line. */
  child(fields: LogFields): Log;
}
