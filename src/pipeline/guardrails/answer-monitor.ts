// Hears what an answer says, and has it checked by others: sentence by sentence beside the stream, or as a whole. Says how far
// what was said is known to be fine, so that no more goes out than the guardrails allow (guard-sink.ts). A sentence that does not
// end is not waited for without end: a model that pauses in it would be seen late.
import type { GatewayError } from '../../contracts/errors.ts';
import type { Guard } from '../../guardrails/guard.ts';
import type { Listener } from '../../guardrails/output-filter.ts';
import type { Clocks, Timed } from '../clocks.ts';
import type { Heard } from './remote-asks.ts';

/** A piece that ends a sentence is asked about from this length on; any piece from the other. */
const SENTENCE_CHARS = 80;
const PIECE_CHARS = 400;
/** Of what went before, so that nothing hides between two pieces. */
const OVERLAP_CHARS = 120;
/** A model that goes on slowly, and ends no sentence, is waited for so many pauses. */
const MOST_PAUSES = 4;
const ENDS = /[.!?。！？]["')\]]?\s*$|\n\s*$/;

export type Ask = (guard: Guard, texts: readonly string[], images?: readonly string[]) => Promise<Heard>;

export interface MonitorDeps {
  readonly ask: Ask;
  readonly clocks: Pick<Clocks, 'now' | 'watch' | 'unwatch'>;
  /** Its call has settled: nobody waits for a verdict any more. */
  over(): boolean;
  /** It says something: of two answers that race this one is heard. */
  speaks?(): void;
}

interface Segment {
  /** Where it begins in all that was said. */
  start: number;
  text: string;
  before: string;
  /** When the first and the last of it was said; monotonic ms. */
  since: number;
  last: number;
}

export class AnswerMonitor implements Listener, Timed {
  slot = -1;
  /** Called when more is known than before. */
  onNews: (() => void) | null = null;
  refusal: GatewayError | null = null;
  /** Characters said. */
  length = 0;
  readonly #beside: readonly Guard[];
  readonly #whole: readonly Guard[];
  readonly #after: readonly Guard[];
  readonly #deps: MonitorDeps;
  /** Silence after which what was said is asked about, in ms. */
  readonly #pauseMs: number;
  /** What no check was asked about yet, by block. */
  readonly #open = new Map<number, Segment>();
  /** Where what is being asked about begins. */
  readonly #asked = new Set<Segment>();
  #text = '';
  #ended = false;

  constructor(guards: readonly Guard[], deps: MonitorDeps) {
    this.#beside = guards.filter(({ config }) => config.mode === 'beside');
    this.#whole = guards.filter(({ config }) => config.mode === 'before');
    this.#after = guards.filter(({ config }) => config.mode === 'after');
    this.#deps = deps;
    this.#pauseMs = Math.min(...this.#beside.map(({ config }) => config.pauseMs));
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
    this.#deps.speaks?.();
    const start = this.length;
    this.length += text.length;
    this.#text += text;
    if (this.#beside.length === 0) return;
    const { clocks } = this.#deps;
    const now = clocks.now();
    let segment = this.#open.get(block);
    if (segment === undefined) this.#open.set(block, (segment = newSegment(start)));
    if (segment.text === '') segment.since = now;
    segment.text += text;
    segment.last = now;
    clocks.watch(this);
    const size = segment.text.length;
    if (size >= PIECE_CHARS || (size >= SENTENCE_CHARS && ENDS.test(segment.text))) this.#cut(block, segment);
  }

  /** Pictures of an answer that is complete: those who see them judge them before it goes on. */
  showed(images: readonly string[]): void {
    const see = (guards: readonly Guard[]): Promise<Heard>[] =>
      guards.filter(({ seesImages }) => seesImages).map((guard) => this.#deps.ask(guard, [], images));
    this.#await(newSegment(this.length), see([...this.#beside, ...this.#whole]));
    // What they find is only said.
    void Promise.all(see(this.#after));
  }

  /** Called by the clocks while something that was said waits for more. */
  tick(now: number): void {
    let waits = false;
    if (!this.#deps.over() && this.refusal === null)
      for (const [block, segment] of this.#open) {
        if (segment.text === '') continue;
        if (now - segment.last >= this.#pauseMs || now - segment.since >= MOST_PAUSES * this.#pauseMs)
          this.#cut(block, segment);
        else waits = true;
      }
    if (!waits) this.#deps.clocks.unwatch(this);
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
    this.#deps.clocks.unwatch(this);
    const whole: Segment = { ...newSegment(0), text: this.#text };
    if (this.#whole.length > 0) this.#check(whole, this.#whole);
    // What they find is only said: nobody waits for it.
    for (const guard of this.#after) void this.#deps.ask(guard, [this.#text]);
  }

  #cut(block: number, segment: Segment): void {
    this.#open.set(block, {
      ...newSegment(segment.start + segment.text.length),
      before: (segment.before + segment.text).slice(-OVERLAP_CHARS),
    });
    this.#check(segment, this.#beside);
  }

  #check(segment: Segment, guards: readonly Guard[]): void {
    const text = segment.before + segment.text;
    if (text === '') return;
    this.#await(
      segment,
      guards.map((guard) => this.#deps.ask(guard, [text])),
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

const newSegment = (start: number): Segment => ({ start, text: '', before: '', since: 0, last: 0 });
