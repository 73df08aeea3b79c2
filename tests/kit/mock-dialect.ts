// What the mock provider needs of a vendor's wire format; written by mock-openai.ts, mock-anthropic.ts and their like.
import type { DialectName } from '../../src/contracts/dialect.ts';
import type { Plan } from './mock-script.ts';

/** One SSE message, ready to send with `\n` line ends; in a binary framing one frame, as Latin-1. */
export interface WireEvent {
  text: string;
  /** Carries a piece of the answer: the unit in which `...-after:N` counts. */
  content: boolean;
  /** The last part of an answer that clients need: finish reason, usage, sentinel. */
  part: 'open' | 'body' | 'finish' | 'usage' | 'done';
}

export interface MockFault {
  status: number;
  message: string;
  type: string | null;
  code: string | null;
}

/** A fault without a type or a code of its own. */
export const faultFor = (status: number, message = `mock says ${status}`): MockFault => ({
  status,
  message,
  type: null,
  code: null,
});

export interface MockDialect {
  name: DialectName;
  /** Its streams are bytes, and written here as Latin-1. */
  binary?: boolean;
  /** Of a stream; absent = Server-Sent Events. */
  contentType?: string;
  /** Headers of a refusal besides. */
  errorHeaders?(fault: MockFault): Record<string, string>;
  /** Headers the vendor puts on every answer. */
  headers(serial: number): Record<string, string>;
  answer(plan: Plan): string;
  events(plan: Plan, options: { includeUsage: boolean }): WireEvent[];
  error(fault: MockFault, serial: number): string;
  errorEvent(fault: MockFault): string;
  /** An event of about 1 KB of text, for floods. */
  filler(model: string, bytes: number): string;
  /** Unusual but valid JSON and SSE: odd spacing, escapes, unknown fields, numbers that do not survive a re-print. */
  exoticAnswer: string;
  exoticStream: string;
  /** Of a model that answers in no dialect at all. */
  ownFormat?: { answer: string; stream: string };
  /** Complaints about a request the vendor would refuse; empty when it is fine. */
  check(body: unknown, headers: Record<string, string>, model?: string): string[];
}
