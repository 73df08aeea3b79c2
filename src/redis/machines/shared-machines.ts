// What workers of several machines ask each other by Redis: each looks into a box of its own, seldom while nobody asks and often while
// somebody does. Without anything to ask or to be asked for there is no connection. A letter that is lost is asked again: every wish
// may be said twice.
import type { RedisConfig } from '../../contracts/redis-config.ts';
import type { Heard, Machines } from '../../contracts/machines.ts';
import { behindReads } from '../../ipc/behind-reads.ts';
import type { BackgroundDeps } from '../background.ts';
import { Watch } from '../watch.ts';
import { LETTER_MS, MACHINES_SCRIPT } from './machines-script.ts';

/** Until somebody who asks for the first time is heard. */
const LOOK_MS = 300;
/** While somebody asks, or waits for an answer. */
const QUICK_MS = 15;
/** Nobody asked for so long: nobody does. */
const QUICK_FOR_MS = 1_000;
const IDLE_MS = 60_000;
const AFTER_FAULT_MS = 500;
/** Who has not looked for so long is gone. */
const SIGN_MS = 4_000;
const BOX_MS = 10_000;
/** Letters in one box, and of one look: what is larger than it should be is bounded by them. */
const MAX_BOX = 64;
/** Questions that may be open, and letters that wait for a Redis that is away; beyond them nobody is asked. */
const MAX_OPEN = 1_000;
const PLACE = /^[\w-]{12}$/;

export interface SharedMachinesDeps extends BackgroundDeps {
  /** See Machines: 9 bytes of chance, base64url. */
  here: string;
  heard: Heard;
}

export interface SharedMachines extends Machines {
  close(): void;
}

interface Ask {
  kind: 'ask';
  id: number;
  from: string;
  owner: string;
  wish: string;
}
interface Told {
  kind: 'told';
  id: number;
  text: string | null;
}
interface Letter {
  to: string;
  what: Ask | Told;
}

class RedisMachines implements SharedMachines {
  readonly here: string;
  readonly #config: RedisConfig;
  readonly #deps: SharedMachinesDeps;
  /** Answers that are waited for. */
  readonly #open = new Map<number, (text: string | null) => void>();
  #letters: Letter[] = [];
  #watch: Watch | null = null;
  #listens = false;
  #quickUntil = 0;
  #last = 0;
  #closed = false;

  constructor(config: RedisConfig, deps: SharedMachinesDeps) {
    this.here = deps.here;
    this.#config = config;
    this.#deps = deps;
  }

  listen(on: boolean): void {
    this.#listens = on;
    if (on) this.#soon();
  }

  ask(place: string, owner: string, wish: string): Promise<string | null> {
    const full = this.#open.size >= MAX_OPEN || this.#letters.length >= MAX_OPEN;
    if (this.#closed || full || !PLACE.test(place)) return Promise.resolve(null);
    const id = ++this.#last;
    return new Promise((resolve) => {
      const timer = behindReads(LETTER_MS, () => this.#answered(id, null)).unref();
      this.#open.set(id, (text) => {
        timer.clear();
        resolve(text);
      });
      this.#letters.push({ to: place, what: { kind: 'ask', id, from: this.here, owner, wish } });
      this.#soon();
    });
  }

  close(): void {
    this.#closed = true;
    for (const id of [...this.#open.keys()]) this.#answered(id, null);
    this.#watch?.close();
  }

  #soon(): void {
    if (this.#closed) return;
    this.#watch ??= new Watch(this.#config, this.#deps, {
      script: MACHINES_SCRIPT,
      look: () => this.#look(),
      lookMs: LOOK_MS,
      afterFaultMs: AFTER_FAULT_MS,
      failed: 'redis: conversations of the chat socket are gone on with on their own machine only',
    });
    this.#watch.loop.lookIn(0);
  }

  /** @returns ms until the next one. */
  async #look(): Promise<number> {
    const letters = this.#letters;
    this.#letters = [];
    await Promise.all(letters.map((letter) => this.#put(letter)));
    const sign = this.#listens ? SIGN_MS : 0;
    const [count, read] = (await this.#run(this.here, ['look', MAX_BOX, sign, LETTER_MS])) as [
      number,
      string[],
    ]; // what the script answers
    for (const text of read) this.#read(JSON.parse(text) as Ask | Told); // a worker's of ours
    if (this.#letters.length > 0 || count === MAX_BOX) return 0;
    if (this.#open.size > 0 || this.#deps.clock.now() < this.#quickUntil) return QUICK_MS;
    return this.#listens ? LOOK_MS : IDLE_MS;
  }

  async #put({ to, what }: Letter): Promise<void> {
    // Nobody waits for the answer any more.
    if (what.kind === 'ask' && !this.#open.has(what.id)) return;
    const sign = what.kind === 'ask' ? 'sign' : '';
    const put = await this.#run(to, ['put', MAX_BOX, BOX_MS, sign, JSON.stringify(what)]);
    if (what.kind === 'ask' && put === 0) this.#answered(what.id, null);
  }

  #read(what: Ask | Told): void {
    if (what.kind === 'told') {
      this.#answered(what.id, what.text);
      return;
    }
    this.#quickUntil = this.#deps.clock.now() + QUICK_FOR_MS;
    const text = this.#deps.heard(what.owner, what.wish);
    this.#letters.push({ to: what.from, what: { kind: 'told', id: what.id, text } });
  }

  #answered(id: number, text: string | null): void {
    const resolve = this.#open.get(id);
    this.#open.delete(id);
    resolve?.(text);
  }

  #run(place: string, args: readonly (string | number)[]): Promise<unknown> {
    const { client, prefix } = this.#watch!; // made before its first look
    return client.run(MACHINES_SCRIPT.name, [`${prefix}:mb:${place}`, `${prefix}:ms:${place}`], args);
  }
}

/** Connects when there is something to ask or to be asked for, and again whenever the connection is lost, until closed. */
export function createSharedMachines(config: RedisConfig, deps: SharedMachinesDeps): SharedMachines {
  return new RedisMachines(config, deps);
}
