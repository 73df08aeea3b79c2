// One block of an answer on its way through the guardrails: what each finds is replaced, or ends the block, and placeholders of the
// request become values again, last of all and in sight of no guardrail.
import { Finder } from './detector.ts';
import type { Guard } from './guard.ts';
import { placeholderDetector } from './placeholders.ts';
import { Redactor, type Replace, STOP } from './redactor.ts';
import type { GuardRun } from './run.ts';

export type BlockKind = 'text' | 'reasoning' | 'refusal' | 'arguments' | 'plain_arguments';

const PLACEHOLDERS = new Finder([placeholderDetector]);

interface Step {
  guard: Guard;
  redactor: Redactor | null;
  /** What was said so far, for checks of the whole; null = there are none. */
  text: string | null;
  /** Nothing goes on before the whole is judged. */
  waits: boolean;
}

/** Who ended a block. */
export interface Ended {
  guard: Guard;
  reason: string;
}

export class SaidText {
  readonly #run: GuardRun;
  readonly #kind: BlockKind;
  readonly #steps: Step[] = [];
  readonly #restorer: Redactor | null;
  /** All that a text goes through; null = it is judged as a whole, too. */
  readonly #passers: readonly Redactor[] | null;
  /** A guardrail ended the block: nothing more of it goes on. */
  ended: Ended | null = null;
  /** The first guardrail that took something out of it. */
  masked: Guard | null = null;

  constructor(run: GuardRun, kind: BlockKind) {
    this.#run = run;
    this.#kind = kind;
    const isCall = kind === 'arguments' || kind === 'plain_arguments';
    for (const guard of run.guards) {
      if (isCall ? !guard.toolCall : !guard.output) continue;
      const step = this.#step(guard, isCall);
      if (step !== null) this.#steps.push(step);
    }
    // A proof stands on reasoning: what goes back must be what came.
    const restores = run.placeholders.size > 0 && kind !== 'reasoning';
    this.#restorer = restores ? new Redactor(PLACEHOLDERS, this.#restore) : null;
    this.#passers = this.#steps.some(({ text }) => text !== null)
      ? null
      : [...this.#steps.map(({ redactor }) => redactor), this.#restorer].filter((one) => one !== null);
  }

  /** Nothing is done with it: it goes on as it comes. */
  get idle(): boolean {
    return this.#steps.length === 0 && this.#restorer === null;
  }

  #step(guard: Guard, isCall: boolean): Step | null {
    const { finder, whole, config } = guard;
    const judges = whole.length > 0 && !isCall && this.#kind !== 'reasoning';
    if (finder === null && !judges) return null;
    const step: Step = {
      guard,
      redactor: null,
      text: judges ? '' : null,
      waits: judges && config.mode !== 'after' && config.action === 'block',
    };
    if (finder !== null) step.redactor = new Redactor(finder, this.#replaceOf(guard));
    return step;
  }

  #replaceOf(guard: Guard): Replace {
    const { action } = guard.config;
    const run = this.#run;
    return (value, { detector }, before) => {
      if (action === 'block') {
        this.ended = { guard, reason: detector.label };
        return STOP;
      }
      if (action === 'redact') {
        run.note(guard, 'answer', 'mask');
        this.masked ??= guard;
        return this.#quoted(`[${detector.label}]`, value, before);
      }
      if (action === 'retry') run.retry ??= { guard, reason: `it holds a ${detector.label}` };
      run.note(guard, 'answer', 'flag');
      return null;
    };
  }

  readonly #restore: Replace = (placeholder) => {
    const value = this.#run.placeholders.value(placeholder);
    if (value === null || this.#kind !== 'arguments') return value;
    return JSON.stringify(value).slice(1, -1);
  };

  // A number in JSON is no text: what stands in its place must be.
  #quoted(name: string, value: string, before: string): string {
    if (this.#kind !== 'arguments' || !/^[\d.+-]+$/.test(value) || !/[:,[\s]/.test(before)) return name;
    return `"${name}"`;
  }

  /** @returns what may go on of it, and what was held before. */
  push(piece: string): string {
    return this.#pass(0, piece, false);
  }

  /**
   * As `push` of a text that comes out as it went in, with nothing held; false = it does not, and was not taken.
   * @param event what it came in, which is to hold nothing that is looked for either; null = its like was looked at before.
   */
  lets(text: string, event: string | null): boolean {
    const passers = this.#passers;
    if (passers === null || this.ended !== null) return false;
    for (let at = 0; at < passers.length; at++) if (!passers[at]!.passes(text)) return false;
    if (event !== null && passers.some((one) => one.finds(event))) return false;
    for (let at = 0; at < passers.length; at++) passers[at]!.passed(text);
    return true;
  }

  /** The block is complete. @returns what was held. */
  end(): string {
    return this.#pass(0, '', true);
  }

  #pass(from: number, piece: string, last: boolean): string {
    let text = piece;
    for (let at = from; at < this.#steps.length; at++) {
      const step = this.#steps[at]!;
      if (step.redactor !== null) {
        text = step.redactor.push(text) + (last ? step.redactor.end() : '');
        if (step.redactor.stopped && this.ended !== null) return this.#finish(at + 1, text);
      }
      if (step.text === null) continue;
      step.text += text;
      if (last && this.#judge(step)) return '';
      if (step.waits) text = last ? step.text : '';
    }
    if (this.#restorer === null) return text;
    return this.#restorer.push(text) + (last ? this.#restorer.end() : '');
  }

  /** A step ended the block: the steps behind it see what came before, and no more. */
  #finish(at: number, text: string): string {
    const { ended } = this;
    const rest = this.#pass(at, text, true);
    this.ended = ended;
    return rest;
  }

  /** @returns whether the whole is not to be said. */
  #judge({ guard, text }: Step): boolean {
    const run = this.#run;
    for (const check of guard.whole) {
      const reason = check(text!, { side: 'answer', schema: run.schema });
      if (reason === null) continue;
      const { action, mode } = guard.config;
      if (action === 'block' && mode !== 'after') {
        this.ended = { guard, reason };
        return true;
      }
      if (action === 'retry') run.retry ??= { guard, reason };
      run.note(guard, 'answer', 'flag');
    }
    return false;
  }
}
