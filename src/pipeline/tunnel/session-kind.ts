// What a protocol of spoken conversations says of itself: how a session begins, and what of it is counted. A message is looked at
// only as far as its kind needs: most of them are sound.
import type { AnswerFacts } from '../../contracts/chat.ts';
import type { DialectName } from '../../contracts/dialect-name.ts';
import type { JsonObject } from '../../contracts/json.ts';
import type { Target } from '../../contracts/plan.ts';
import type { SocketMessage } from '../../contracts/tunnel.ts';

/** What a message of the provider tells of turns. */
export type Told =
  /** An answer begins. @param id of it, where it has one. */
  | { readonly kind: 'begun'; readonly id: string | null }
  /** One is over, and what it used. */
  | {
      readonly kind: 'done';
      readonly facts: AnswerFacts;
      /** It may be all that is told of a turn. */
      readonly alone: boolean;
    }
  /** What the client said was written down by another model, and what that used. @param model '' = nobody said. */
  | { readonly kind: 'heard'; readonly facts: AnswerFacts; readonly model: string };

/** How messages name sessions that another may go on from. */
export interface HandleWords {
  /** Those that a first message asks to go on from. */
  asked(first: SocketMessage): readonly string[];
  /** The same with others in their place. Of one that asks for some. */
  asking(first: SocketMessage, written: (handle: string) => string): SocketMessage;
  /** A message of the provider with another in place of the one it tells; the same where it tells none. */
  telling(message: SocketMessage, written: (handle: string) => string): SocketMessage;
}

export interface SessionKind {
  readonly dialect: DialectName;
  /** The model stands in the client's first message, and nowhere before; else in the query. */
  readonly modelInFirst: boolean;
  /** It is beside a session that is there, or goes on from one: the provider knows its model, and nobody names any. */
  readonly inherits: boolean;
  /** What is said on it is counted elsewhere. */
  readonly counted: boolean;
  /** Each answer is a turn that is counted by itself; else the session is, by its seconds. */
  readonly turns: boolean;
  /** Errors are messages of it; else they are the reason that the connection ends with. */
  readonly saysErrors: boolean;
  /** Its path stands beside the version that a base URL ends in, and not below it. */
  readonly besideVersion: boolean;
  /** The model that the first message names; null = it is none. */
  modelOf(first: SocketMessage): string | null;
  /** What the first message must be, for who sent another one. */
  readonly firstMust: { readonly message: string; readonly param: string };
  /** A client's message as this target takes it. */
  renamed(message: SocketMessage, target: Target): SocketMessage;
  /** Path at the provider; null = as its route says. */
  pathAt(target: Target): string | null;
  /** A client's message asks for an answer. */
  asks(message: SocketMessage): boolean;
  /** What one of the provider's tells. @param running whether a turn is. */
  tells(message: SocketMessage, running: boolean): Told | null;
  /** What ends the answer of this id; null = nothing does but the end of the session. */
  cancels(id: string | null): string | null;
  /** Absent: nobody goes on from one by what its messages say. */
  readonly handles?: HandleWords;
  /** The session that a message of the provider says has begun. Absent: nobody may ask for one by its id. */
  begunIn?(message: SocketMessage): { readonly id: string; readonly model: string | null } | null;
  /** What the last message of a session says it used. Absent: turns do. */
  lastOf?(message: SocketMessage): JsonObject | null;
}
