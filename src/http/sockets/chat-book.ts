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
  /** The client that came back to another worker; '' = none did. */
  follower: string;
  /** Monotonic ms of its last question. */
  askedAt: number;
  /** It was told the last frame. */
  told: boolean;
}

const MAX_ENTRIES = 20_000;
const SWEEP_MS = 1_000;
/** A client that came back to another worker asks much more often than that. */
const FOLLOWED_MS = 5_000;
/** For the last frames on their way to another worker, when this one goes. */
const TAKEN_LOOK_MS = 100;
const TAKEN_WITHIN_MS = 3_000;
const ON_ITS_WAY_MS = 500;

export class ChatBook {
  readonly #now: () => number;
  readonly #entries = new Map<string, Entry>();
  readonly #kept: (some: boolean) => void;
  #timer: NodeJS.Timeout | null = null;
  #maxKept = 0;

  /** @param kept there is something here that clients may come back to, or nothing any more. */
  constructor(now: () => number, kept: (some: boolean) => void = () => undefined) {
    this.#now = now;
    this.#kept = kept;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** @param place of this worker among machines; '' = it is alone. */
  newToken(place: string): string {
    const token = randomBytes(18).toString('base64url');
    return place === '' ? token : `${place}.${token}`;
  }

  /** @param owner id of the key that it is for: nobody else finds it. */
  add(owner: string, turn: ChatTurn, options: ChatBookOptions): void {
    if (this.#entries.size >= MAX_ENTRIES) return;
    this.#maxKept = options.maxKept;
    this.#timer ??= setInterval(() => this.#sweep(), SWEEP_MS).unref();
    const entry: Entry = { owner, turn, by: 0, follower: '', askedAt: 0, told: false };
    this.#entries.set(turn.token, entry);
    if (this.#entries.size === 1) this.#kept(true);
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

  /** Its client is back, here. */
  found(turn: ChatTurn): void {
    const entry = this.#entries.get(turn.token);
    if (entry === undefined) return;
    entry.follower = '';
    if (!turn.over) entry.by = 0;
  }

  /** Its client came back to another worker, just now. */
  take(turn: ChatTurn, claim: string): void {
    const entry = this.#entries.get(turn.token);
    if (entry === undefined) return;
    entry.follower = claim;
    entry.askedAt = this.#now();
  }

  /** Whether it is there still, and asks; it may have come back somewhere else since. */
  follows(turn: ChatTurn, claim: string): boolean {
    const entry = this.#entries.get(turn.token);
    if (entry === undefined || entry.follower !== claim) return false;
    entry.askedAt = this.#now();
    return true;
  }

  /** The last frame is on its way to there. */
  followed(turn: ChatTurn): void {
    const entry = this.#entries.get(turn.token);
    if (entry !== undefined) entry.told = true;
  }

  /** Nobody can come back any more; who has, at another worker, gets all of what runs. */
  leave(): void {
    const since = this.#now() - FOLLOWED_MS;
    for (const entry of this.#entries.values()) {
      const { turn, follower, askedAt } = entry;
      if (turn.line !== null) continue;
      if (follower === '' || askedAt < since) turn.cancel();
      else if (turn.onOver !== null) turn.onOver = this.#behindLast(entry, turn.onOver);
    }
  }

  close(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  /** `over`, when the other worker has the last frame; in the end without. */
  #behindLast(entry: Entry, over: () => void): () => void {
    return () => {
      const by = this.#now() + TAKEN_WITHIN_MS;
      const look = setInterval(() => {
        if (!entry.told && this.#now() < by) return;
        clearInterval(look);
        setTimeout(over, ON_ITS_WAY_MS);
      }, TAKEN_LOOK_MS);
    };
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
    if (this.#entries.size === 0) {
      this.close();
      this.#kept(false);
    } else this.#makeRoom(this.#maxKept);
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
