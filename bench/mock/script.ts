// What a dialect gives the mock: its answers as bytes made beforehand.

/** A stream of one dialect; `deltas` content deltas long. */
export interface PreparedStream {
  contentType: string;
  /** Before the first delta: role chunk, message start. May be empty. */
  head: Buffer;
  deltas: readonly PreparedDelta[];
  /** After the last delta: finish and end marker. */
  tail: Buffer;
  /** The same with usage, for a client that asked. */
  tailWithUsage: Buffer;
  /** Makes a delta valid again after its stamp was written, where its framing has a checksum. */
  seal: ((bytes: Buffer) => void) | null;
}

export interface PreparedDelta {
  /** Shared by all streams: the stamp is written and the bytes are sent in one go. */
  bytes: Buffer;
  /** Where the stamp lies (delta-text.ts). */
  stamp: number;
}

export interface DialectScript {
  /** A whole answer around `text`, which is plain ASCII without quotes. */
  answer(text: string): string;
  stream(deltas: number): PreparedStream;
  /** The body of a failure. */
  failure(status: number): string;
}

export const MODEL = 'bench-model';
export const CREATED = 1_760_000_000;
export const PROMPT_TOKENS = 180;
/** Every answer's content begins with this, so that a client can tell it from a gateway's own. */
export const ANSWER_OPENING = 'The gate lets water into each channel. ';

/** Content of exactly `bytes` bytes. */
export function answerText(bytes: number): string {
  return ANSWER_OPENING.repeat(Math.ceil(bytes / ANSWER_OPENING.length)).slice(0, bytes);
}
