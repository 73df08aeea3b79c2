// What rests, shared by any number of gateways through Redis (docs/decisions/0007). One connection of the primary looks
// at one sorted set a few times a second and writes to it in the same script call; the look after a pause of any kind
// (a start, a reconnect, a Redis that was frozen or lost its memory) is the same look. No call ever waits for it.

import type { RedisConfig } from '../../contracts/redis-config.ts';
import type { Rest } from '../../contracts/rests.ts';
import type { BackgroundDeps } from '../background.ts';
import { Watch } from '../watch.ts';
import { readRestNote, restNote } from './rest-note.ts';
import { REST_SCRIPT } from './rest-script.ts';

const NAME = 'hgRests';
/** Between two looks. With the way of a note to Redis and to the workers it is well below a second. */
const LOOK_MS = 300;
/** What is found out within so long is told in one call. */
const GATHER_MS = 10;
/** Pause after a look that failed. */
const AFTER_FAULT_MS = 500;
/** Notes in Redis, and notes that wait for it here. */
const MAX_NOTES = 1_000;
const NOTES_A_CALL = 100;
/** What is over sooner is not worth telling. */
const LEAST_MS = 500;
/** An end in Redis that is so much earlier than what we know was lost there. */
const LOST_MS = 1_000;

/** No version of the set, which is '' while it is empty: the first look hears what is there, and is told what this node knew before. */
const UNSEEN = '-';

export interface SharedRests {
  /** The other nodes should know. */
  tell(rest: Rest): void;
  close(): void;
}

export interface SharedRestsDeps extends BackgroundDeps {
  /** Something rests, as some node says; called again for the same while it rests. */
  learned(rest: Rest): void;
  /** All that this node knows to rest: a Redis that lost its memory hears it again. */
  known(): readonly Rest[];
}

class RedisRests implements SharedRests {
  readonly #deps: SharedRestsDeps;
  readonly #watch: Watch;
  readonly #keys: readonly [notes: string, version: string];
  /** Note -> monotonic ms of its end: what Redis is still to be told. */
  readonly #pending = new Map<string, number>();
  #version = UNSEEN;

  constructor(config: RedisConfig, deps: SharedRestsDeps) {
    this.#deps = deps;
    this.#watch = new Watch(config, deps, {
      script: { name: NAME, lua: REST_SCRIPT },
      look: () => this.#look(),
      lookMs: LOOK_MS,
      afterFaultMs: AFTER_FAULT_MS,
      failed: 'redis: rests are not shared with other nodes',
      works: 'redis: rests are shared with other nodes',
    });
    const { prefix } = this.#watch;
    this.#keys = [`${prefix}:k`, `${prefix}:kv`];
  }

  tell(rest: Rest): void {
    const note = rest.forMs >= LEAST_MS ? restNote(rest) : null;
    if (note === null || this.#watch.loop.closed) return;
    const until = this.#deps.clock.now() + rest.forMs;
    this.#put(note, until);
    const { loop, client } = this.#watch;
    if (!loop.looking && client.ready) loop.lookIn(GATHER_MS);
  }

  close(): void {
    this.#watch.close();
  }

  #put(note: string, until: number): void {
    const before = this.#pending.get(note) ?? 0;
    if (before >= until) return;
    this.#pending.set(note, until);
    if (this.#pending.size <= MAX_NOTES) return;
    this.#forgetOver();
    if (this.#pending.size > MAX_NOTES)
      for (const [first] of this.#pending) return void this.#pending.delete(first);
  }

  #forgetOver(): void {
    const least = this.#deps.clock.now() + LEAST_MS;
    for (const [note, until] of this.#pending) if (until < least) this.#pending.delete(note);
  }

  /** @returns ms until the next one. */
  async #look(): Promise<number> {
    const { clock } = this.#deps;
    this.#forgetOver();
    const batch = [...this.#pending].slice(0, NOTES_A_CALL);
    const begun = clock.now();
    const args: (string | number)[] = [this.#version, MAX_NOTES];
    for (const [note, until] of batch) args.push(note, Math.ceil(until - begun));
    const answer = await this.#watch.client.run(NAME, this.#keys, args);
    if (this.#watch.loop.closed) return LOOK_MS;
    // A note that fails stays for the next call: an end that was set twice is the same end, a moment later.
    for (const [note, until] of batch) if (this.#pending.get(note) === until) this.#pending.delete(note);
    this.#hear(answer);
    return this.#pending.size > 0 ? GATHER_MS : LOOK_MS;
  }

  #hear(answer: unknown): void {
    if (!Array.isArray(answer) || typeof answer[0] !== 'string')
      throw new Error('an answer that our script does not give');
    const [version, ...pairs] = answer as unknown[];
    if (version === this.#version) return;
    this.#version = version as string; // checked above
    const left = new Map<string, number>();
    for (let at = 0; at + 1 < pairs.length; at += 2) {
      const note = pairs[at];
      const forMs = Number(pairs[at + 1]);
      if (typeof note === 'string') left.set(note, forMs);
    }
    for (const [note, forMs] of left) {
      const rest = readRestNote(note, forMs);
      if (rest !== null) this.#deps.learned(rest);
    }
    this.#tellAgain(left);
  }

  /** What we know and Redis does not: it was restarted, or a failover lost the last writes. */
  #tellAgain(left: ReadonlyMap<string, number>): void {
    const now = this.#deps.clock.now();
    for (const rest of this.#deps.known()) {
      const note = restNote(rest);
      if (note !== null && rest.forMs - (left.get(note) ?? 0) > LOST_MS) this.#put(note, now + rest.forMs);
    }
  }
}

/** Connects at once and shares until closed. */
export function createSharedRests(config: RedisConfig, deps: SharedRestsDeps): SharedRests {
  return new RedisRests(config, deps);
}
