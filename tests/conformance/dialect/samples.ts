// What the vendor of a dialect really sends, a few of each kind. They show what the dialect can say at all: what none of them
// holds (a signature, a count of cached tokens, an id), an answer may lose on its way through the dialect; what one of them
// holds must be kept.
import type { StopReason, Usage } from '../../../src/contracts/chat.ts';
import type { Json, JsonObject } from '../../../src/contracts/json.ts';

/** Something an answer may say besides text and calls of tools. */
export type Word =
  | 'id'
  | 'model'
  | 'created'
  | 'call ids'
  | 'thoughts'
  | 'signature'
  | 'redacted'
  | 'refusals'
  | 'stop sequence'
  | keyof Usage
  | StopReason;

export interface SampleEvent {
  /** '' = none. */
  event: string;
  /** A text goes out as it is, anything else as JSON. */
  data: Json;
}

export interface SampleError {
  status: number;
  /** Lower-case names. */
  headers: Record<string, string>;
  body: Json;
  /** The vendor's request id, where its error bodies hold one: ours then must too. */
  requestId?: string;
}

export interface DialectSamples {
  /** No answer ends in a proof without words behind its text: Gemini's streams have one, for which there is no place. */
  endsUnproven?: boolean;
  /** No event ends its streams: the upstream's close does, once all was said. */
  endsByClose?: boolean;
  /** Bodies as clients write them: plain, with tools, calls and their results. */
  requests: Readonly<Record<string, JsonObject>>;
  answers: Readonly<Record<string, JsonObject>>;
  /** All that the answers show. */
  says: readonly Word[];
  /** Whole streams, from the first event to the last. */
  streams: Readonly<Record<string, readonly SampleEvent[]>>;
  /** All that the streams show, where it is not what the answers do. */
  streamsSay?: readonly Word[];
  errors: Readonly<Record<string, SampleError>>;
  /** What fails behind the vendor, or takes too long there, it tells with a status of the 400s. */
  blamesModels?: true;
}
