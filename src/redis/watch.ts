// Something in Redis that is looked at again and again over a connection of its own, which no call waits for. What fails is told in a
// line now and then; a connection that is back brings the next look forward.
import { redisPlace } from '../config/redis-url.ts';
import type { RedisConfig } from '../contracts/redis-config.ts';
import { LineGate } from '../observability/line-gate.ts';
import { type BackgroundDeps, createBackgroundClient } from './background.ts';
import { faultOf, type RedisClient, type RedisScript } from './client.ts';
import { taggedPrefix } from './key-prefix.ts';
import { LookLoop } from './look-loop.ts';

const MAX_REASON_CHARS = 200;

export interface WatchOptions {
  /** What its client runs. */
  script: RedisScript;
  /** Made only while the client is connected. @returns ms until the next one. */
  look(): Promise<number>;
  /** Between looks while there is no connection. */
  lookMs: number;
  /** Behind a look that failed. */
  afterFaultMs: number;
  /** What a fault means, for the log. */
  failed: string;
  /** What the log says of the first look that works behind a fault; nothing by default. */
  works?: string;
}

export class Watch {
  readonly client: RedisClient;
  readonly loop: LookLoop;
  /** Of its keys: they lie in one slot of a cluster. */
  readonly prefix: string;
  readonly #gate: LineGate;
  readonly #options: WatchOptions;
  #healthy = true;

  constructor(config: RedisConfig, { clock, log, lookup }: BackgroundDeps, options: WatchOptions) {
    this.#options = options;
    this.prefix = taggedPrefix(redisPlace(config).prefix ?? 'headgate');
    this.#gate = new LineGate(log, clock);
    this.loop = new LookLoop({
      look: () => this.#look(),
      failed: (error) => {
        this.say(error);
        return options.afterFaultMs;
      },
    });
    this.client = createBackgroundClient(
      config,
      options.script,
      {
        ready: () => this.loop.lookIn(0),
        down: () => undefined,
        error: (fault, reason) => this.#failed(fault, reason),
      },
      lookup,
    );
    this.loop.lookIn(options.lookMs);
  }

  /** Tells of what failed. */
  say(error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    this.#failed(faultOf(error), reason.slice(0, MAX_REASON_CHARS));
  }

  close(): void {
    this.loop.close();
    this.client.close();
    this.#gate.close();
  }

  async #look(): Promise<number> {
    // The client's error events say why, and `ready` brings the next look forward.
    if (!this.client.ready) return this.#options.lookMs;
    const nextMs = await this.#options.look();
    if (!this.#healthy && !this.loop.closed) {
      this.#healthy = true;
      const { works } = this.#options;
      if (works !== undefined) this.#gate.say('info', {}, works);
    }
    return nextMs;
  }

  #failed(fault: string, reason: string): void {
    this.#healthy = false;
    this.#gate.say('warn', { fault, reason }, this.#options.failed);
  }
}
