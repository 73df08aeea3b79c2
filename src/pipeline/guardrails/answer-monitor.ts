// Hears what an answer says, and has it checked by others: sentence by sentence beside the stream, or as a whole. Says how far
// what was said is known to be fine, so that no more goes out than the guardrails allow (guard-sink.ts).
import type { GatewayError } from '../../contracts/errors.ts';
import type { Guard } from '../../guardrails/guard.ts';
import type { Listener } from '../../guardrails/output-filter.ts';
import type { Heard } from './remote-asks.ts';

/** A piece that ends a sentence is asked about from this length on; any piece from the other. */
const SENTENCE_CHARS = 80;
const PIECE_CHARS = 400;
/** Of what went before, so that nothing hides between two pieces. */
const OVERLAP_CHARS = 120;
const ENDS = /[.!?。！？]["')\]]?\s*$|\n\s*$/;

export type Ask = (guard: Guard, texts: readonly string[], images?: readonly string[]) => Promise<Heard>;

interface Segment {
  /** Where it begins in all that was said. */
  start: number;
  text: string;
  before: string;
}

export class AnswerMonitor implements Listener {
  /** Called when more is known than before. */
  onNews: (() => void) | null = null;
  refusal: GatewayError | null = null;
  /** Characters said. */
  length = 0;
  readonly #beside: readonly Guard[];
  readonly #whole: readonly Guard[];
  readonly #after: readonly Guard[];
  readonly #ask: Ask;
  /** What no check was asked about yet, by block. */
  readonly #open = new Map<number, Segment>();
  /** Where what is being asked about begins. */
  readonly #asked = new Set<Segment>();
  #text = '';
  #ended = false;

  constructor(guards: readonly Guard[], ask: Ask) {
    this.#beside = guards.filter(({ config }) => config.mode === 'beside');
    this.#whole = guards.filter(({ config }) => config.mode === 'before');
    this.#after = guards.filter(({ config }) => config.mode === 'after');
    this.#ask = ask;
  }

  /** Answers wait for it. */
  get gates(): boolean {
    return this.#beside.length > 0 || this.#whole.length > 0;
  }

  /** Characters that may go out unchecked. */
  get allowance(): number {
    if (this.#whole.length > 0) return 0;
    return Math.min(...this.#beside.map(({ config }) => config.maxUnchecked));
  }

  /** How much of what was said is known to be fine. */
  get cleared(): number {
    if (this.#whole.length > 0 && !(this.#ended && this.#asked.size === 0)) return 0;
    let least = this.length;
    for (const { start, text } of this.#open.values()) if (text !== '') least = Math.min(least, start);
    for (const { start } of this.#asked) least = Math.min(least, start);
    return least;
  }

  get busy(): boolean {
    return this.#asked.size > 0;
  }

  said(block: number, text: string): void {
    const start = this.length;
    this.length += text.length;
    this.#text += text;
    if (this.#beside.length === 0) return;
    const open = this.#open.get(block);
    if (open === undefined) this.#open.set(block, { start, text, before: '' });
    else open.text += text;
    const segment = this.#open.get(block)!;
    const size = segment.text.length;
    if (size >= PIECE_CHARS || (size >= SENTENCE_CHARS && ENDS.test(segment.text))) this.#cut(block, segment);
  }

  /** Pictures of an answer that is complete: those who see them judge them before it goes on. */
  showed(images: readonly string[]): void {
    const see = (guards: readonly Guard[]): Promise<Heard>[] =>
      guards.filter(({ seesImages }) => seesImages).map((guard) => this.#ask(guard, [], images));
    this.#await({ start: this.length, text: '', before: '' }, see([...this.#beside, ...this.#whole]));
    // What they find is only said.
    void Promise.all(see(this.#after));
  }

  closed(block: number): void {
    const segment = this.#open.get(block);
    if (segment === undefined) return;
    this.#open.delete(block);
    this.#check(segment, this.#beside);
  }

  /** Nothing more is said. */
  end(): void {
    for (const block of [...this.#open.keys()]) this.closed(block);
    this.#ended = true;
    const whole: Segment = { start: 0, text: this.#text, before: '' };
    if (this.#whole.length > 0) this.#check(whole, this.#whole);
    // What they find is only said: nobody waits for it.
    for (const guard of this.#after) void this.#ask(guard, [this.#text]);
  }

  #cut(block: number, segment: Segment): void {
    this.#open.set(block, {
      start: segment.start + segment.text.length,
      text: '',
      before: (segment.before + segment.text).slice(-OVERLAP_CHARS),
    });
    this.#check(segment, this.#beside);
  }

  #check(segment: Segment, guards: readonly Guard[]): void {
    const text = segment.before + segment.text;
    if (text === '') return;
    this.#await(
      segment,
      guards.map((guard) => this.#ask(guard, [text])),
    );
  }

  #await(segment: Segment, heard: readonly Promise<Heard>[]): void {
    if (heard.length === 0) return;
    this.#asked.add(segment);
    void Promise.all(heard).then((all) => {
      this.#asked.delete(segment);
      // What went out cannot be replaced any more: on an answer others can only refuse.
      for (const { refusal } of all) this.refusal ??= refusal;
      this.onNews?.();
    });
  }
}
