// Conversations that their clients may come back to: those under way, and those that ended a while ago. Bounded by time and
// by what they keep: the oldest that are over are forgotten first, and nothing ever waits for room.
import { randomBytes } from 'node:crypto';
import type { ChatTurn } from './chat-turn.ts';

export interface ChatBookOptions {
  /** ms a conversation is kept without a client, or after its end; 0 = none is. */
  resumeMs: number;
  /** Of all that is kept here; as FrameLog counts. */
  maxKept: number;
}

interface Entry {
  readonly owner: string;
  readonly turn: ChatTurn;
  /** Monotonic ms by which it is forgotten, or cancelled; 0 = its client is there. */
  by: number;
}

const MAX_ENTRIES = 20_000;
const SWEEP_MS = 1_000;

export class ChatBook {
  readonly #now: () => number;
  readonly #entries = new Map<string, Entry>();
  #timer: NodeJS.Timeout | null = null;
  #maxKept = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  get size(): number {
    return this.#entries.size;
  }

  newToken(): string {
    return randomBytes(18).toString('base64url');
  }

  /** @param owner id of the key that it is for: nobody else finds it. */
  add(owner: string, turn: ChatTurn, options: ChatBookOptions): void {
    if (this.#entries.size >= MAX_ENTRIES) return;
    this.#maxKept = options.maxKept;
    this.#timer ??= setInterval(() => this.#sweep(), SWEEP_MS).unref();
    const entry: Entry = { owner, turn, by: 0 };
    this.#entries.set(turn.token, entry);
    turn.onKept = () => this.#wait(entry, options.resumeMs);
  }

  find(owner: string, token: string): ChatTurn | null {
    const entry = this.#entries.get(token);
    return entry === undefined || entry.owner !== owner ? null : entry.turn;
  }

  /** Its client is gone, and may come back. @returns false: it is not kept, and should end. */
  alone(turn: ChatTurn, resumeMs: number): boolean {
    const entry = this.#entries.get(turn.token);
    if (entry === undefined) return false;
    this.#wait(entry, resumeMs);
    return true;
  }

  /** Its client is back. */
  found(turn: ChatTurn): void {
    const entry = this.#entries.get(turn.token);
    if (entry !== undefined && !turn.over) entry.by = 0;
  }

  /** Nobody can come back any more. */
  leave(): void {
    for (const { turn } of this.#entries.values()) if (turn.line === null) turn.cancel();
  }

  close(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  #wait(entry: Entry, resumeMs: number): void {
    entry.by = this.#now() + resumeMs;
  }

  #sweep(): void {
    const now = this.#now();
    for (const [token, { turn, by }] of this.#entries) {
      if (by === 0 || by > now) continue;
      this.#entries.delete(token);
      turn.cancel();
    }
    if (this.#entries.size === 0) this.close();
    else this.#makeRoom(this.#maxKept);
  }

  #makeRoom(maxKept: number): void {
    let kept = 0;
    for (const { turn } of this.#entries.values()) kept += turn.log.length;
    if (kept < maxKept) return;
    for (const [token, { turn }] of this.#entries) {
      if (kept < maxKept) return;
      if (turn.over) this.#entries.delete(token);
      kept -= turn.log.length;
      turn.log.forget(0);
      kept += turn.over ? 0 : turn.log.length;
    }
  }
}
