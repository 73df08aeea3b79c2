// Guardrails on a spoken conversation: messages of its protocol, both ways, on their way through the tunnel.
import type { GatewayError } from './errors.ts';
import type { GuardrailOutcome } from './outcomes.ts';
import type { SocketMessage } from './tunnel.ts';

/** What becomes of a client's message: it goes on, perhaps changed, or its client is told why not. */
export type Heard = SocketMessage | GatewayError;

/** Who the guard speaks to. */
export interface GuardedEnds {
  /** A message that may go on to the client. */
  tell(message: SocketMessage): void;
  /** One of the guard's own, to the provider. */
  ask(message: string): void;
  /** Ends an answer without a word to the client. @returns false: the protocol cannot. */
  stop(answer: { readonly id: string }): boolean;
  /** What the provider answers, or heard, is refused. @param answer that is to end, by its id ('' = it has none); null = none is under way. */
  refuse(error: GatewayError, answer: { readonly id: string } | null): void;
}

export interface SessionGuard {
  /** To be called before anything is heard or told. */
  attach(ends: GuardedEnds): void;
  /** A message of the client's. A promise where others are asked about it: what is said behind it waits. */
  heard(message: SocketMessage): Heard | Promise<Heard>;
  /** A message of the provider's; what may go on of it is told now or later, in order. */
  told(message: SocketMessage): void;
  /** What was decided since it was asked last; null = nothing looked. */
  takeOutcomes(): GuardrailOutcome[] | null;
  /** The session is over. */
  close(): void;
}
