// What waits for a thread, and how long the next body would. Work for a call that was begun goes before new bodies: a call waits once, as
// it comes, and not again with each step of its way. What a body costs is all that the threads do for its call, then and later.

/** What a body took is forgotten with this constant. */
const MEMORY_MS = 1_000;
/** So much work must be known before it says anything: V8 has yet to compile, first bodies take ten times as long. */
const UNSURE_MS = 400;

/** A body that is new, or work for a call whose body was taken in. */
export interface Waiting {
  readonly isNew: boolean;
  readonly bytes: number;
}

export class ThreadQueue<T extends Waiting> {
  readonly #threads: number;
  /** Each in the order they came in. */
  readonly #begun = new Set<T>();
  readonly #new = new Set<T>();
  #bytes = 0;
  #newBytes = 0;
  /** Faded with time: what threads worked, bytes of new bodies that they were done with, and when that was. */
  #workedMs = 0;
  #doneBytes = 0;
  #learnedAt = 0;

  constructor(threads: number) {
    this.#threads = threads;
  }

  get size(): number {
    return this.#begun.size + this.#new.size;
  }

  /** Of all that waits. */
  get bytes(): number {
    return this.#bytes;
  }

  /** What a body that comes now would wait, ms; 0 as long as that is not known. */
  get waitMs(): number {
    if (this.#newBytes === 0 || this.#workedMs < UNSURE_MS || this.#doneBytes === 0) return 0;
    return (this.#newBytes * this.#workedMs) / (this.#doneBytes * this.#threads);
  }

  add(job: T): void {
    this.#bytes += job.bytes;
    if (job.isNew) this.#newBytes += job.bytes;
    this.#listOf(job).add(job);
  }

  /** @returns whether it waited. */
  remove(job: T): boolean {
    if (!this.#listOf(job).delete(job)) return false;
    this.#bytes -= job.bytes;
    if (job.isNew) this.#newBytes -= job.bytes;
    return true;
  }

  /** The next to be worked on, no longer here. */
  take(): T | null {
    for (const list of [this.#begun, this.#new]) {
      for (const job of list) {
        this.remove(job);
        return job;
      }
    }
    return null;
  }

  /** Everything, no longer here. */
  clear(): T[] {
    const all = [...this.#begun, ...this.#new];
    for (const job of all) this.remove(job);
    return all;
  }

  /** A thread is done with it. @param ms what it took. @param now monotonic ms. */
  done({ isNew, bytes }: Waiting, ms: number, now: number): void {
    const kept = Math.exp((this.#learnedAt - now) / MEMORY_MS);
    this.#learnedAt = now;
    this.#workedMs = this.#workedMs * kept + ms;
    this.#doneBytes = this.#doneBytes * kept + (isNew ? bytes : 0);
  }

  #listOf({ isNew }: T): Set<T> {
    return isNew ? this.#new : this.#begun;
  }
}
