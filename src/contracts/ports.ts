// What the pipeline needs from outside, as interfaces: handed to the factories in src/gateway/.
import type { AnswerContext } from './answer-context.ts';
import type { Asked, BodyFacts, EncodedRequest, EncodeTarget, ToolMemory } from './body.ts';
import type { Call } from './call.ts';
import type { AnswerFacts } from './chat.ts';
import type { GuardFinds, GuardLook } from './guard-look.ts';
import type { DialectName } from './dialect.ts';
import type { VectorHit, VectorScan } from './vectors.ts';

/** Time as a dependency. */
export interface Clock {
  /** Monotonic ms, fractional. */
  now(): number;
  /** Milliseconds since 1970. */
  wall(): number;
}

/**
 * Work on large bodies in a thread; every method rejects with GatewayError. `inspect` moves the body: the buffer handed
 * in is gone, also when it rejects. The others work on a copy, so that a refused translation leaves a body to fall back with.
 */
export interface Offload {
  /** What a body that comes now would wait for a thread, ms. */
  readonly waitMs: number;
  inspect(body: Buffer, normalise: boolean, signal: AbortSignal): Promise<{ body: Buffer; facts: BodyFacts }>;
  translate(
    body: Buffer,
    exotic: boolean,
    from: DialectName,
    to: DialectName,
    target: EncodeTarget,
    signal: AbortSignal,
    operations?: Asked,
  ): Promise<{ body: Buffer; encoded: EncodedRequest }>;
  /** A whole answer of an operation with one request and one answer, written anew; moves the body. */
  translateAnswer(
    body: Buffer,
    from: DialectName,
    to: DialectName,
    operations: Asked,
    context: AnswerContext,
    tools: ToolMemory | null,
    signal: AbortSignal,
  ): Promise<{ body: Buffer; facts: AnswerFacts }>;
  /** Answers to the parts of a request for embeddings as one, all in one dialect. */
  joinEmbeddings(
    bodies: readonly Buffer[],
    counts: readonly number[],
    dialect: DialectName,
    context: AnswerContext,
    signal: AbortSignal,
  ): Promise<Buffer>;
  /** What a guardrail finds in texts: places in each of them, or whether one is not as it should be as a whole. */
  guard(what: GuardLook, signal: AbortSignal): Promise<GuardFinds>;
  /** Tokens of a request's prompt. */
  countTokens(body: Buffer, dialect: DialectName, model: string, signal: AbortSignal): Promise<number>;
  /** Rows of a block of vectors that are alike. */
  nearest(wanted: VectorScan): Promise<VectorHit[]>;
  close(): Promise<void>;
}

/** Hears of every call exactly once, when it has settled: metrics and the access log. */
export interface CallObserver {
  settled(call: Call): void;
}

/** The part of a logger that effects need: fields first, then a short message. No body, key or header map, ever. */
export interface LogPort {
  debug(fields: Readonly<Record<string, unknown>>, message: string): void;
  info(fields: Readonly<Record<string, unknown>>, message: string): void;
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
  error(fields: Readonly<Record<string, unknown>>, message: string): void;
}
