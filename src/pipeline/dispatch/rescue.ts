// An answer that broke off after its client had seen part of it, on its way to be told whole: how the target of the moment is
// asked to go on, and what comes when that does not work.
//
//   target that takes the beginning of its answer   prefill ──refused──► restart
//   any other                                       restart
//   restart or prefill ──another answer──► instruct ──that too──► the next target, or an error event
import { inspectBody } from '../../body/inspect.ts';
import { applyEdits } from '../../body/splice.ts';
import type { Call } from '../../contracts/call.ts';
import type { AnswerFacts } from '../../contracts/chat.ts';
import type { Dialect } from '../../contracts/dialect.ts';
import type { GatewayError } from '../../contracts/errors.ts';
import type { Target } from '../../contracts/plan.ts';
import { type Matcher, matchContinuation, matchRestart } from '../rescue/matcher.ts';
import type { Position } from '../rescue/position.ts';
import type { Source } from '../translate-body.ts';

/** How a target is asked to go on. */
export type RescueManner = 'prefill' | 'restart' | 'instruct';

const INSTRUCTION =
  'Your answer was cut off there. Go on from exactly where it stopped: do not repeat any of it, do not comment on this, and write nothing before the next word.';

/** Models that are remembered not to take the beginning of their answer. */
const MAX_PREFILL_MEMORY = 1024;

/** Models that turned out not to take the beginning of their answer, by label; bounded. */
export class PrefillMemory {
  readonly #refused = new Set<string>();

  refused(label: string): void {
    if (this.#refused.size < MAX_PREFILL_MEMORY) this.#refused.add(label);
  }

  takes({ label, encode }: Target): boolean {
    return encode.capabilities.prefill && !this.#refused.has(label);
  }
}

/** What is said of it behind the stream's end, where clients of the dialect read past that. */
export function rescueNote({ from, manner }: Rescue, to: Target): string {
  return `headgate-rescue from=${from.label} to=${to.label} manner=${manner}`;
}

export class Rescue {
  /** How the stream broke first, which the client hears when nothing helps; and what was known of it. */
  readonly error: GatewayError;
  facts: AnswerFacts | null;
  /** Whose stream it was. */
  readonly from: Target;
  position: Position;
  /** Content events that the client had when it broke. */
  said: number;
  manner: RescueManner = 'restart';
  /** Times it broke. */
  breaks = 1;
  readonly #memory: PrefillMemory;
  /** The target of the moment was to be instructed. */
  #instructed = false;

  constructor(
    memory: PrefillMemory,
    error: GatewayError,
    facts: AnswerFacts | null,
    from: Target,
    position: Position,
    said: number,
  ) {
    this.#memory = memory;
    this.error = error;
    this.facts = facts;
    this.from = from;
    this.position = position;
    this.said = said;
  }

  /** What goes on with it broke off too, and the client had more of it. */
  brokeAgain(facts: AnswerFacts | null, position: Position, said: number): void {
    this.facts = facts;
    this.position = position;
    this.said = said;
    this.breaks++;
  }

  /** A target is to be asked. */
  approach(target: Target): void {
    const speaks = this.position.text.trim() !== '';
    this.manner = speaks && this.#memory.takes(target) ? 'prefill' : 'restart';
    this.#instructed = false;
  }

  /** The target was asked and did not go on. @returns whether it is to be asked in another manner. */
  another(target: Target, error: GatewayError): boolean {
    const { manner } = this;
    const speaks = this.position.text.trim() !== '';
    if (error.code === 'GW_UPSTREAM_DIVERGED') {
      // Once, also where its request has no place for it.
      if (this.#instructed || !speaks) return false;
      this.#instructed = true;
      this.manner = 'instruct';
      return true;
    }
    if (manner !== 'prefill' || error.code !== 'GW_UPSTREAM_REJECTED') return false;
    this.#memory.refused(target.label);
    this.manner = 'restart';
    return true;
  }

  /** The request that asks for it; null = the client's own. */
  source(call: Call, client: Dialect): Source | null {
    if (this.manner === 'restart') return null;
    const body = call.body!;
    // What the client has may hold values that no provider is to see. Blanks at the end of a beginning are refused by some, and lead
    // others astray.
    const { text } = this.position;
    const said = (call.guard?.conceal(text) ?? text).trimEnd();
    const instruction = this.manner === 'instruct' ? INSTRUCTION : null;
    const edits = client.chat.carryOn?.(body, call.facts!, said, instruction) ?? null;
    if (edits === null) {
      this.manner = 'restart';
      return null;
    }
    const whole = applyEdits(body, edits);
    return { body: whole, facts: inspectBody(whole) };
  }

  matcher(): Matcher {
    const { text } = this.position;
    return this.manner === 'restart'
      ? matchRestart(text)
      : matchContinuation(text, this.manner === 'instruct');
  }
}
