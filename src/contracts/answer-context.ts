// What an answer that is written anew needs to know of its call.
import type { Usage } from './chat.ts';
import type { ClientHabits } from './client-habits.ts';
import type { JsonObject } from './json.ts';
import type { BuiltOn, KeptTurn } from './responses.ts';

export interface AnswerContext {
  /** Request id, used where an answer id must be made up. */
  requestId: string;
  /** Model name to show: the upstream's own, else the one asked for. */
  model: string;
  /** Seconds since 1970. */
  now: number;
  includeUsage: boolean;
  /** What its client's vendor does otherwise than its dialect's: `usage` there means that no chunk of its own is wanted. Absent: nothing. */
  habits?: ClientHabits;
  /** Tokens of the prompt by our estimate, for clients that read them before the upstream tells; none = 0 is shown. */
  promptEstimate?: number;
  /** What the head of the answer says that it used, for one whose body says nothing of it. */
  told?: Usage;
  /** The route its client asked, where one dialect has several for an operation. */
  template?: string;
  /** Ids of tool calls that the conversation holds already, in the client's words: the answer repeats none. */
  toolIds?: readonly string[];
  /** What the client's own codec made of its request (ChatCodec.remember). */
  remembered?: JsonObject;
  /** What the request goes on from, for its answer to say. */
  builtOn?: BuiltOn;
  /** The answer is kept: what it says of that, and where its last word is put. */
  kept?: KeptTurn;
  /** Of a stream that the encoder goes on with. */
  marks?: StreamMarks;
}

/** What a stream told its client that is no part of its meaning, and that who goes on with it has to keep to. */
export interface StreamMarks {
  /** Number of the next event, in a dialect that numbers them. */
  sequence: number;
  /** Ids of its items by their place, in a dialect that has items. */
  items: string[];
}
