// What rests, shared by any number of gateways through Redis (docs/decisions/0007). One connection of the primary looks
// at one sorted set a few times a second and writes to it in the same script call; the look after a pause of any kind
// (a start, a reconnect, a Redis that was frozen or lost its memory) is the same look. No call ever waits for it.

import type { LookupFunction } from 'node:net';
import { redisPlace } from '../../config/redis-url.ts';
import type { RedisConfig } from '../../contracts/config.ts';
import type { Clock, LogPort } from '../../contracts/ports.ts';
import type { Rest } from '../../contracts/rests.ts';
import { LineGate } from '../../observability/line-gate.ts';
import { createBackgroundClient } from '../background.ts';
import { faultOf, type RedisClient } from '../client.ts';
import { taggedPrefix } from '../key-prefix.ts';
import { LookLoop } from '../look-loop.ts';
import { readRestNote, restNote } from './rest-note.ts';
import { REST_SCRIPT } from './rest-script.ts';

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

export interface SharedRestsDeps {
  clock: Clock;
  log: LogPort;
  /** For connections by name; own look-ups by default. */
  lookup?: LookupFunction | undefined;
  /** Something rests, as some node says; called again for the same while it rests. */
  learned(rest: Rest): void;
  /** All that this node knows to rest: a Redis that lost its memory hears it again. */
  known(): readonly Rest[];
}

class RedisRests implements SharedRests {
  readonly #deps: SharedRestsDeps;
  readonly #client: RedisClient;
  readonly #gate: LineGate;
  readonly #keys: readonly [notes: string, version: string];
  /** Note -> monotonic ms of its end: what Redis is still to be told. */
  readonly #pending = new Map<string, number>();
  #version = UNSEEN;
  readonly #loop: LookLoop;
  #healthy = true;

  constructor(config: RedisConfig, deps: SharedRestsDeps) {
    const place = redisPlace(config);
    const prefix = taggedPrefix(place.prefix ?? 'headgate');
    this.#deps = deps;
    this.#keys = [`${prefix}:k`, `${prefix}:kv`];
    this.#gate = new LineGate(deps.log, deps.clock);
    this.#loop = new LookLoop({
      look: () => this.#look(),
      failed: (error) => {
        this.#failed(faultOf(error), reasonOf(error));
        return AFTER_FAULT_MS;
      },
    });
    this.#client = createBackgroundClient(
      config,
      { name: 'hgRests', lua: REST_SCRIPT },
      {
        ready: () => this.#loop.lookIn(0),
        down: () => undefined,
        error: (fault, reason) => this.#failed(fault, reason),
      },
      deps.lookup,
    );
    this.#loop.lookIn(LOOK_MS);
  }

  tell(rest: Rest): void {
    const note = rest.forMs >= LEAST_MS ? restNote(rest) : null;
    if (note === null || this.#loop.closed) return;
    const until = this.#deps.clock.now() + rest.forMs;
    this.#put(note, until);
    if (!this.#loop.looking && this.#client.ready) this.#loop.lookIn(GATHER_MS);
  }

  close(): void {
    this.#loop.close();
    this.#client.close();
    this.#gate.close();
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
    // Its error events say why, and `ready` brings the next look forward.
    if (!this.#client.ready) return LOOK_MS;
    const { clock } = this.#deps;
    this.#forgetOver();
    const batch = [...this.#pending].slice(0, NOTES_A_CALL);
    const begun = clock.now();
    const args: (string | number)[] = [this.#version, MAX_NOTES];
    for (const [note, until] of batch) args.push(note, Math.ceil(until - begun));
    const answer = await this.#client.run('hgRests', this.#keys, args);
    if (this.#loop.closed) return LOOK_MS;
    // A note that fails stays for the next call: an end that was set twice is the same end, a moment later.
    for (const [note, until] of batch) if (this.#pending.get(note) === until) this.#pending.delete(note);
    this.#hear(answer);
    this.#worked();
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

  #failed(fault: string, reason: string): void {
    this.#healthy = false;
    this.#gate.say('warn', { fault, reason }, 'redis: rests are not shared with other nodes');
  }

  #worked(): void {
    if (this.#healthy) return;
    this.#healthy = true;
    this.#gate.say('info', {}, 'redis: rests are shared with other nodes');
  }
}

/** Connects at once and shares until closed. */
export function createSharedRests(config: RedisConfig, deps: SharedRestsDeps): SharedRests {
  return new RedisRests(config, deps);
}

function reasonOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).slice(0, 200);
}
