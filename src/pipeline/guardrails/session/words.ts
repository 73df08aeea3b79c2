// What the protocols of spoken conversations say of themselves to guardrails: where in a message somebody speaks, and how.
import type { JsonObject } from '../../../contracts/json.ts';
import type { BlockKind } from '../../../guardrails/said-text.ts';
import type { Speaker } from '../../../guardrails/texts.ts';

/** What a message of the client's is. */
export interface ClientWords {
  /** Who says what in it nobody else is known to say. */
  speaker: Speaker;
  /** It holds sound. */
  sound: boolean;
  /** It says whether what is spoken is written down; null = it says nothing of that. */
  writes: boolean | null;
}

/** What a message of the provider's holds, in order. */
export type ProviderWord =
  /** A piece of something that is said; `put` replaces it in its message. */
  | { kind: 'piece'; part: string; block: BlockKind; text: string; put(text: string): void }
  /** Sound of a part whose words come beside it. */
  | { kind: 'sound'; part: string }
  /** A part is complete. `rest` makes the message that says what was held back of it. */
  | { kind: 'end'; part: string; rest(text: string): JsonObject }
  /** What the client said, in words: a piece of it or all. */
  | { kind: 'written'; item: string; text: string; whole: boolean }
  /** The client said something that will be written down. */
  | { kind: 'spoken'; item: string }
  /** It could not be written down. */
  | { kind: 'unwritten'; item: string }
  /** A tool is called. */
  | { kind: 'tool'; name: string }
  | { kind: 'begun'; response: string }
  /** An answer is over: all its parts are. */
  | { kind: 'over'; response: string }
  /** Whether what is spoken is written down from now on. */
  | { kind: 'writes'; on: boolean };

export interface ProviderWords {
  words: ProviderWord[];
  /** Of no answer, and to be known at once: nothing holds it back. */
  now: boolean;
  /** Which answer it belongs to; '' = none. */
  response: string;
  /** Which item of the conversation; '' = none. */
  item: string;
  /** What else it says is looked at as a whole. */
  whole: boolean;
  /** Who says what in it nobody else is known to say. */
  speaker: Speaker;
}

/** One for each session: it remembers what belongs together. */
export interface SessionWords {
  /** It is told which words are those of which sound; else they come some time in the turn. */
  readonly tellsSpoken: boolean;
  ofClient(message: JsonObject): ClientWords;
  ofProvider(message: JsonObject): ProviderWords;
  /** The same message, so that nothing of a refused answer is left in it; null = it is not told at all. */
  emptied(message: JsonObject): JsonObject | null;
  /** Takes what was said out of the conversation; null = the protocol has no such word. */
  forgets(item: string): JsonObject | null;
  /** Asks for another answer, with what it is told beside its instructions; null = the protocol has no such word. */
  again(wish: string): JsonObject | null;
}
