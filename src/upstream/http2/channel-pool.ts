// gRPC connections of one model server on one worker. Calls share a connection, so a second one is made only when the first has many:
// servers bound the streams of each, and behind a name there may be several of them.
import type { GrpcChannel } from '../../contracts/grpc.ts';
import { behindTurns } from '../../ipc/behind-reads.ts';

export interface ChannelPoolOptions {
  most: number;
  /** An older one gets no further call and is closed behind its last: who balances by connection moves them so. 0 = any age. */
  maxAgeMs: number;
}

/** Calls of a connection, above which another is made. */
const MANY_CALLS = 100;
/** Ages differ by so much of them, or connections that began together would end together. */
const AGE_SPREAD = 0.2;

export interface PooledChannel {
  readonly channel: GrpcChannel;
  running: number;
  readonly retireAt: number;
  retired: boolean;
}

export interface ChannelPoolDeps {
  connect(): GrpcChannel;
  /** Monotonic ms. */
  now(): number;
  random(): number;
}

export class ChannelPool {
  readonly #deps: ChannelPoolDeps;
  readonly #options: ChannelPoolOptions;
  readonly #open: PooledChannel[] = [];
  /** Those that only end what they have. */
  readonly #retired = new Set<PooledChannel>();
  #running = 0;
  #closing: (() => void) | null = null;

  constructor(deps: ChannelPoolDeps, options: ChannelPoolOptions) {
    this.#deps = deps;
    this.#options = options;
  }

  get running(): number {
    return this.#running;
  }

  get connected(): number {
    return this.#open.length + this.#retired.size;
  }

  /** The one with the fewest calls. Each `take` wants a `leave`. */
  take(): PooledChannel {
    const now = this.#deps.now();
    let least: PooledChannel | null = null;
    for (let at = this.#open.length - 1; at >= 0; at--) {
      const one = this.#open[at]!;
      if (one.retireAt <= now) this.#retire(at);
      else if (least === null || one.running <= least.running) least = one;
    }
    if (least === null || (least.running >= MANY_CALLS && this.#open.length < this.#options.most))
      this.#open.push((least = this.#make(now)));
    least.running++;
    this.#running++;
    return least;
  }

  leave(one: PooledChannel): void {
    one.running--;
    this.#running--;
    if (one.retired && one.running === 0) this.#end(one);
    if (this.#running === 0) this.#closing?.();
  }

  /** Lets running calls end, for so long. */
  async close(timeoutMs: number): Promise<void> {
    if (this.#running > 0) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#closing = resolve;
      const timer = behindTurns(timeoutMs, resolve);
      await promise;
      timer.clear();
    }
    for (const { channel } of [...this.#open, ...this.#retired]) channel.close();
    this.#open.length = 0;
    this.#retired.clear();
  }

  #make(now: number): PooledChannel {
    const { maxAgeMs } = this.#options;
    const ageMs = maxAgeMs * (1 - AGE_SPREAD * this.#deps.random());
    return {
      channel: this.#deps.connect(),
      running: 0,
      retireAt: maxAgeMs > 0 ? now + ageMs : Number.POSITIVE_INFINITY,
      retired: false,
    };
  }

  #retire(at: number): void {
    const [one] = this.#open.splice(at, 1);
    one!.retired = true;
    this.#retired.add(one!);
    if (one!.running === 0) this.#end(one!);
  }

  #end(one: PooledChannel): void {
    this.#retired.delete(one);
    one.channel.close();
  }
}
