// How a stream of events is cut and put together on the wire, whatever a dialect says in it: one file of src/wire/ is
// one way. Dialects give and take (event, data) pairs and never see bytes.
import type { EventRoom } from './upstream.ts';

/**
 * What one push found: parallel columns, `count` entries. The object and its columns are reused by the next call of any
 * scanner: it is read where it was asked for, before another chunk is taken.
 */
export interface EventBatch {
  /** What start and end index into: the chunk itself when nothing was carried, else carry and chunk joined. */
  bytes: Buffer;
  count: number;
  /** The event's name, '' if none. */
  event: string[];
  /** Its data; null when there is none (comments, a lone blank line). */
  data: (string | null)[];
  /** Raw event [start, end), its end marker included: every byte is covered, none twice. */
  start: number[];
  end: number[];
  /** False: it cannot be read, or it may be what is left of an event. `data` is not to be trusted. */
  valid: boolean[];
  /** The entry came from flush() and had no end marker behind it. */
  unterminated: boolean;
}

/** Cuts the bytes of one stream into events. */
export interface EventScanner {
  /**
   * Events completed by `chunk`, which the scanner keeps. An event over the cap throws GW_UPSTREAM_BAD_OUTPUT: at once
   * if nothing complete stands before it, else on the next call, so that no good event is lost.
   */
  push(chunk: Buffer): EventBatch;
  /** The stream ended: 0 or 1 entry made of what was left. */
  flush(): EventBatch;
  /** Bytes received that no entry has covered yet. */
  readonly pendingBytes: number;
  /** Nothing is to come: gives back its room. Idempotent. */
  close(): void;
}

export interface EventScannerOptions {
  /** Largest event, end marker included. */
  maxEventBytes: number;
  /** What the unfinished events of many streams share; without it this one's cap is all. */
  room?: EventRoom;
}

/** Takes what a codec says, one event a call: data is the event's text as a client of the dialect reads it. */
export interface EventOut {
  /** @param event its name; '' = none. @param data JSON or a word of ours: without line ends, which nobody looks for. */
  emit(event: string, data: string): void;
  /** The same for what somebody else wrote: it may hold line ends. */
  emitLines(event: string, data: string): void;
}

/** What an answer is, by its first bytes; `unknown` = too few to tell. */
export type AnswerKind = 'events' | 'json' | 'other' | 'unknown';

/** How events are put together on the wire. */
export interface Frames {
  /** What a stream of them is called in our own answers. */
  readonly contentType: string;
  /** Of events that are elements of one list: what stands before the first, between two and behind the last. */
  readonly list?: { readonly open: string; readonly comma: string; readonly close: string };
  /**
   * One event as it goes out. Keeps no state: what begins and ends a whole stream has an event name of its own.
   * @param data without line ends, or as `lines` made it.
   */
  frame(event: string, data: string): Buffer | string;
  /** What readers pass over, of one line. Absent: the framing has no such thing. */
  comment?(text: string): string;
  /** Data that may hold line ends, as `frame` takes it. */
  lines(data: string): string;
}

export interface Framing extends Frames {
  readonly name: string;
  /** What a stream of events is called, in requests and in answers; parameters are left out. */
  readonly mediaType: string;
  /** What the beginning of an answer's body is: content types are wrong often enough. */
  kindOf(bytes: Buffer): AnswerKind;
  createScanner(options: EventScannerOptions): EventScanner;
}
