// Asks model servers for their load, now and then and by no request: one question at a time to each, with a deadline, and ever more seldom
// while it fails. Each worker asks for itself: what it chooses by is as old as its own last answer.
import type { ProviderConfig } from '../contracts/provider-config.ts';
import type { LoadSignalConfig } from '../contracts/load-signal.ts';
import type { Names } from '../contracts/names.ts';
import type { Clock } from '../contracts/ports.ts';
import { isDeepStrictEqual } from 'node:util';
import type { LoadSignalMeter } from '../observability/load-signal-meter.ts';
import { LoadSignal } from '../routing/balance/load-signal.ts';
import { createLoadSource } from './load-source.ts';
import type { LoadSourceClient } from './load-source-client.ts';

export interface LoadSignalsDeps {
  clock: Clock;
  names?: Names | undefined;
  random(): number;
  meter: LoadSignalMeter;
}

export interface LoadSignals {
  /** Those of a new configuration; one that stays as it was is asked on. */
  configure(providers: readonly ProviderConfig[]): void;
  of(provider: string): LoadSignal | null;
  close(): void;
}

const MAX_PAUSE_MS = 30_000;
/** Pauses differ by so much, or all workers would ask at once. */
const SPREAD = 0.2;

export function createLoadSignals(deps: LoadSignalsDeps): LoadSignals {
  let asked = new Map<string, Poller>();
  return {
    configure(providers) {
      const next = new Map<string, Poller>();
      for (const provider of providers) {
        if (provider.load === undefined) continue;
        const old = asked.get(provider.name);
        next.set(provider.name, old?.is(provider) === true ? old : new Poller(provider, provider.load, deps));
      }
      for (const [name, poller] of asked) if (next.get(name) !== poller) poller.close();
      asked = next;
    },
    of: (provider) => asked.get(provider)?.signal ?? null,
    close() {
      for (const poller of asked.values()) poller.close();
      asked = new Map();
    },
  };
}

class Poller {
  readonly signal: LoadSignal;
  readonly #deps: LoadSignalsDeps;
  readonly #provider: ProviderConfig;
  readonly #config: LoadSignalConfig;
  readonly #source: LoadSourceClient;
  #timer: NodeJS.Timeout;
  #failures = 0;
  #stale = false;
  #closed = false;

  constructor(provider: ProviderConfig, config: LoadSignalConfig, deps: LoadSignalsDeps) {
    this.#deps = deps;
    this.#provider = provider;
    this.#config = config;
    this.signal = new LoadSignal(config.staleMs);
    this.#source = createLoadSource(provider, config, deps);
    // At once, but not within the call that configures.
    this.#timer = setTimeout(() => void this.#ask(), 0).unref();
  }

  is({ load, headers, keys, tls, proxy }: ProviderConfig): boolean {
    const { headers: ours, keys: own, tls: trust, proxy: way } = this.#provider;
    return isDeepStrictEqual([load, headers, keys, tls, proxy], [this.#config, ours, own, trust, way]);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#source.close();
  }

  /** Never rejects. */
  async #ask(): Promise<void> {
    const { clock, meter } = this.#deps;
    const { name } = this.#provider;
    try {
      const load = await this.#source.ask(Math.max(this.#config.everyMs, 1_000));
      if (this.#closed) return;
      // Nothing to tell yet: what is told are differences.
      if (load !== null) {
        this.signal.heard(clock.now(), load);
        meter.heard(name, load);
      }
      this.#failures = 0;
      this.#stale = false;
    } catch (cause) {
      if (this.#closed) return;
      const reason = cause instanceof Error ? cause.message : String(cause);
      meter.failed(name, reason.slice(0, 200), this.#failures++ === 0);
      if (!this.#stale && this.signal.at(clock.now()) === null) {
        this.#stale = true;
        meter.stale(name);
      }
    }
    this.#timer = setTimeout(() => void this.#ask(), this.#pauseMs()).unref();
  }

  #pauseMs(): number {
    const { everyMs } = this.#config;
    const pause = Math.min(everyMs * 2 ** Math.min(this.#failures, 10), Math.max(everyMs, MAX_PAUSE_MS));
    return pause * (1 - SPREAD / 2 + SPREAD * this.#deps.random());
  }
}
