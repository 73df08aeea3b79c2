// A conversation whose socket broke and whose client came back to another worker: of this machine, or of another one. It stays where it
// is: that worker is asked for what is new of it, again and again, as fast as its client takes it.
import type { Machines } from '../../contracts/machines.ts';
import type { Siblings } from '../../contracts/response-ports.ts';
import type { ChatBook } from './chat-book.ts';
import type { ChatId } from './chat-frames.ts';

/** Between two questions where nothing was new, or its client takes no more. */
const POLL_MS = 50;
/** Between two words that its client, which takes nothing now, is there. */
const HOLD_MS = 500;
/** Behind a question to another machine that was not answered. */
const MISS_MS = 500;
/** A worker that says nothing so often has nothing any more. */
const MISSES = 3;
/** The first question to another machine: that it is there it says some moments behind its first conversation. */
const FIRST_MISSES = 2;
/** Of one answer; as FrameLog counts. */
const MAX_ANSWER = 256 * 1024;

/** The socket that its client came back on. */
export interface FarLine {
  /** `left`: it said goodbye, and the conversation ends; `broke`: its client may come back once more. */
  readonly state: 'takes' | 'full' | 'left' | 'broke';
  hand(frames: readonly string[]): void;
  /** @param found there was one; false = nobody has it (any more). */
  over(turn: FarTurn, found: boolean): void;
}

export interface FarPlaces {
  siblings: Siblings;
  /** Null without a Redis that they share. */
  machines: Machines | null;
}

export interface FarToken {
  /** Id of the key that shows it. */
  owner: string;
  token: string;
  /** Number of the last frame that its client has. */
  after: number;
  /** Tells this client's coming back from every other. */
  claim: string;
}

/**
 * `take` is asked first: from then on who asked before, and the socket it was on, get nothing more of it. `read`, `cancel` are of who has
 * it still; `hold` says that it is, and wants nothing.
 */
type FarWish = 'take' | 'read' | 'hold' | 'cancel';

interface Told {
  id: ChatId;
  frames: string[];
  over: boolean;
  /** Its client came back somewhere else since. */
  moved: boolean;
}

/** @returns the worker a token is of, where that is another one; else null. */
export function placeOf(token: string, here: string): string | null {
  const at = token.indexOf('.');
  const place = token.slice(0, Math.max(0, at));
  return place === '' || place === here ? null : place;
}

export class FarTurn {
  readonly #places: FarPlaces;
  readonly #asks: FarToken;
  readonly #line: FarLine;
  /** Of another machine; null = of this one. */
  readonly #place: string | null;
  #after: number;
  #afar = false;
  #cancelled = false;
  /** Null until a worker has it. */
  id: ChatId | null = null;
  paused = false;

  constructor(places: FarPlaces, asks: FarToken, line: FarLine) {
    this.#places = places;
    this.#asks = asks;
    this.#after = asks.after;
    this.#line = line;
    this.#place = places.machines === null ? null : placeOf(asks.token, places.machines.here);
  }

  cancel(): void {
    this.#cancelled = true;
    this.paused = false;
  }

  /** Ends with the conversation, or with its line. Never rejects. */
  async run(): Promise<void> {
    const found = await this.#follow().catch(() => false);
    this.#line.over(this, found);
  }

  async #follow(): Promise<boolean> {
    for (let misses = 0, idleMs = 0; ; ) {
      const { state } = this.#line;
      if (state === 'broke') return true;
      const ends = state === 'left' || this.#cancelled;
      let pauseMs = POLL_MS;
      const takes = ends || (state === 'takes' && !this.paused);
      if (takes || (this.id !== null && idleMs >= HOLD_MS)) {
        idleMs = 0;
        const wish = this.id === null ? 'take' : ends ? 'cancel' : takes ? 'read' : 'hold';
        const told = await this.#ask(wish);
        if (told?.over === true || told?.moved === true) return true;
        if (state === 'left' && wish === 'cancel') return true;
        misses = told === null ? misses + 1 : 0;
        if (misses >= this.#maxMisses) return false;
        if (told === null && this.#place !== null) pauseMs = MISS_MS;
        if (told !== null && told.frames.length > 0) continue;
      }
      idleMs += pauseMs;
      await new Promise((resolve) => setTimeout(resolve, pauseMs).unref());
    }
  }

  get #maxMisses(): number {
    if (this.id !== null) return MISSES;
    // Nobody of this machine had it at once: nobody has it.
    return this.#place === null ? 1 : FIRST_MISSES;
  }

  async #ask(wish: FarWish): Promise<Told | null> {
    const text = await this.#answer(`${this.#asks.token} ${this.#after} ${wish} ${this.#asks.claim}`);
    if (text === null) return null;
    const told = JSON.parse(text) as Told; // of a worker of ours
    this.id = told.id;
    const { state } = this.#line;
    // What its line takes no more is asked for again by whoever comes next.
    if (state === 'takes' || state === 'full') {
      this.#after += told.frames.length;
      this.#line.hand(told.frames);
    }
    return told;
  }

  async #answer(wish: string): Promise<string | null> {
    const { siblings, machines } = this.#places;
    const { owner } = this.#asks;
    if (!this.#afar) {
      const [text = null] = await siblings.ask('chat', owner, [wish]);
      if (text !== null || this.id !== null || this.#place === null) return text;
    }
    const text = await machines!.ask(this.#place!, owner, wish); // there is no place without them
    this.#afar ||= text !== null;
    return text;
  }
}

/**
 * What another worker asks: `token after take|read|hold|cancel claim`. @param resumeMs who asks no more for so long has gone.
 * @returns null where it is not here, or too little of it.
 */
export function tellFar(book: ChatBook, owner: string, wish: string, resumeMs: number): string | null {
  const [token = '', after = '0', what, claim = ''] = wish.split(' ');
  const turn = book.find(owner, token);
  if (turn === null) return null;
  const tell = (frames: string[], over: boolean, moved: boolean): string =>
    JSON.stringify({ id: turn.id, frames, over, moved } satisfies Told);
  const takes = what === 'take';
  if (!takes && !book.follows(turn, claim)) return tell([], false, true);
  if (what === 'hold') {
    book.alone(turn, resumeMs);
    return tell([], false, false);
  }
  if (what === 'cancel') turn.cancel();
  if (!turn.log.rewind(Number(after))) return null;
  if (takes) {
    turn.line?.lost(turn);
    turn.move(null);
    book.take(turn, claim);
  }
  book.alone(turn, resumeMs);
  const frames: string[] = [];
  for (let length = 0; length < MAX_ANSWER; ) {
    const frame = turn.take();
    if (frame === null) break;
    length += frame.length;
    frames.push(frame);
  }
  const over = turn.over && !turn.log.waits;
  if (over) book.followed(turn);
  return tell(frames, over, false);
}
