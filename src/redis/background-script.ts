// One script over a connection that no call waits for. A Redis that is away, or refuses, is nobody to ask: the log says now and then what
// that means, and whoever asked hears null.
import { redisPlace } from '../config/redis-url.ts';
import type { RedisConfig } from '../contracts/redis-config.ts';
import { LineGate } from '../observability/line-gate.ts';
import { type BackgroundDeps, createBackgroundClient } from './background.ts';
import { faultOf, type RedisClient, type RedisScript } from './client.ts';
import { taggedPrefix } from './key-prefix.ts';

const MAX_REASON_CHARS = 200;

export interface BackgroundScriptOptions {
  script: RedisScript;
  /** What a fault means, for the log. */
  failed: string;
  /** There is a connection, again. */
  ready?(): void;
}

export class BackgroundScript {
  /** Of its keys: they lie in one slot of a cluster. */
  readonly prefix: string;
  readonly #client: RedisClient;
  readonly #gate: LineGate;
  readonly #options: BackgroundScriptOptions;

  /** Connects at once, and again whenever the connection is lost, until closed. */
  constructor(config: RedisConfig, { clock, log, lookup }: BackgroundDeps, options: BackgroundScriptOptions) {
    this.#options = options;
    this.prefix = taggedPrefix(redisPlace(config).prefix ?? 'headgate');
    this.#gate = new LineGate(log, clock);
    this.#client = createBackgroundClient(
      config,
      options.script,
      {
        ready: () => options.ready?.(),
        down: () => undefined,
        error: (fault, reason) => this.#failed(fault, reason),
      },
      lookup,
    );
  }

  /** It can be asked. */
  get ready(): boolean {
    return this.#client.ready;
  }

  /** Null: there is no connection; or it failed, and the log says so. */
  async run(keys: readonly string[], args: readonly (string | number)[]): Promise<unknown> {
    if (!this.ready) return null;
    try {
      return (await this.#client.run(this.#options.script.name, keys, args)) ?? null;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#failed(faultOf(error), reason.slice(0, MAX_REASON_CHARS));
      return null;
    }
  }

  close(): void {
    this.#client.close();
    this.#gate.close();
  }

  #failed(fault: string, reason: string): void {
    this.#gate.say('warn', { fault, reason }, this.#options.failed);
  }
}
