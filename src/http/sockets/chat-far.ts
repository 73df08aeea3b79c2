// A conversation whose socket broke and whose client came back to another worker of this machine. It stays where it is: that worker is
// asked for what is new of it, again and again, as fast as its client takes it.
import type { Siblings } from '../../contracts/response-ports.ts';
import type { ChatBook } from './chat-book.ts';
import type { ChatId } from './chat-frames.ts';

/** Between two questions where nothing was new, or its client takes no more. */
const POLL_MS = 50;
/** A worker that says nothing so often has nothing any more. */
const MISSES = 3;
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

interface Told {
  id: ChatId;
  frames: string[];
  over: boolean;
}

export class FarTurn {
  readonly #siblings: Siblings;
  readonly #owner: string;
  readonly #token: string;
  readonly #line: FarLine;
  #at: number;
  #cancelled = false;
  /** Null until a worker has it. */
  id: ChatId | null = null;
  paused = false;

  /** @param after number of the last frame that its client has. */
  constructor(siblings: Siblings, owner: string, token: string, after: number, line: FarLine) {
    this.#siblings = siblings;
    this.#owner = owner;
    this.#token = token;
    this.#at = after;
    this.#line = line;
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
    for (let misses = 0; ; ) {
      const { state } = this.#line;
      if (state === 'broke') return true;
      const ends = state === 'left' || this.#cancelled;
      if (ends || (state === 'takes' && !this.paused)) {
        const told = await this.#ask(ends ? 'cancel' : 'read');
        if (state === 'left' || told?.over === true) return true;
        misses = told === null ? misses + 1 : 0;
        // Nobody had it at once: nobody has it.
        if (misses === MISSES || (misses > 0 && this.id === null)) return false;
        if (told !== null && told.frames.length > 0) continue;
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS).unref());
    }
  }

  async #ask(wish: 'read' | 'cancel'): Promise<Told | null> {
    const [text = null] = await this.#siblings.ask('chat', this.#owner, [
      `${this.#token} ${this.#at} ${wish}`,
    ]);
    if (text === null) return null;
    const told = JSON.parse(text) as Told; // of a worker of ours
    this.id = told.id;
    const { state } = this.#line;
    // What its line takes no more is asked for again by whoever comes next.
    if (state === 'takes' || state === 'full') {
      this.#at += told.frames.length;
      this.#line.hand(told.frames);
    }
    return told;
  }
}

/**
 * What another worker asks: `token after read|cancel`. @param resumeMs who asks no more for so long has gone.
 * @returns null where it is not here, or too little of it.
 */
export function tellFar(book: ChatBook, owner: string, wish: string, resumeMs: number): string | null {
  const [token = '', after = '0', what] = wish.split(' ');
  const turn = book.find(owner, token);
  if (turn === null) return null;
  if (what === 'cancel') turn.cancel();
  turn.line?.lost(turn);
  turn.move(null);
  if (!turn.log.rewind(Number(after))) return null;
  book.alone(turn, resumeMs);
  const frames: string[] = [];
  for (let length = 0; length < MAX_ANSWER; ) {
    const frame = turn.take();
    if (frame === null) break;
    length += frame.length;
    frames.push(frame);
  }
  const told: Told = { id: turn.id, frames, over: turn.over && !turn.log.waits };
  return JSON.stringify(told);
}
