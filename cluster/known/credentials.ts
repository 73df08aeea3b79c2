// The credentials of all providers: got once, by the primary, renewed ahead of their end and told to every worker. A source that
// fails is asked again; the last one it gave is good until it expires.
import type { Config } from '../../src/contracts/config.ts';
import type { Credential, CredentialConfig, CredentialSource } from '../../src/contracts/credential.ts';
import type { Clock } from '../../src/contracts/ports.ts';
import type { Obtain } from '../../src/credentials/obtain.ts';
import { abortBehindTurns, behindTurns } from '../../src/ipc/behind-reads.ts';
import type { Log } from '../../src/observability/log.ts';
import type { MetricTotals } from '../../src/observability/metric-totals.ts';

/** A source that says nothing for so long has failed. */
const ASK_TIMEOUT_MS = 10_000;
/** Renewed so long before its end, or when a quarter of its life is left. */
const AHEAD_MS = 300_000;
/** What states no end is looked at again, as the file it stands in may have changed. */
const ENDLESS_MS = 600_000;
/** However long its life is: a timer takes 24 days at most. */
const MOST_MS = 604_800_000;
/** However short its life is. */
const LEAST_MS = 250;
/** One that is so new and refused would be refused again: the right to use it is what is missing. */
const NEW_MS = 30_000;
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 60_000;
/** Nodes that began together do not ask together for ever. */
const JITTER = 0.1;

export interface CredentialKeeper {
  /** Renews those of `config` and no others. */
  follow(config: Config): void;
  /** Begins with those of `config` beside the ones that are kept; resolves when each was asked for, at the latest after `ms`. */
  prepare(config: Config, ms: number): Promise<void>;
  /** A provider would not take one: another is asked for, unless this one is new. */
  refused(id: string): void;
  /** All that are held now. */
  current(): Credential[];
}

export interface CredentialKeeperDeps {
  clock: Clock;
  log: Log;
  totals: Pick<MetricTotals, 'inc' | 'setGauge'>;
  env: Readonly<Record<string, string | undefined>>;
  obtain: Obtain;
  /** Every worker should know. */
  tell(credential: Credential): void;
  random?: () => number;
}

interface Kept {
  id: string;
  provider: string;
  key: string;
  source: CredentialSource;
  credential: Credential | null;
  /** ms since 1970; when the one that is held was got. */
  gotAtMs: number;
  asking: boolean;
  failures: number;
  timer: NodeJS.Timeout | null;
  abort: AbortController;
  /** Resolves when it was asked for the first time, however that went. */
  asked: PromiseWithResolvers<void>;
}

export function createCredentialKeeper(deps: CredentialKeeperDeps): CredentialKeeper {
  const { clock, log, totals, env, obtain, tell, random = Math.random } = deps;
  const all = new Map<string, Kept>();

  async function renew(kept: Kept): Promise<void> {
    const { id, provider, key, source, abort } = kept;
    kept.asking = true;
    const signal = AbortSignal.any([abort.signal, abortBehindTurns(ASK_TIMEOUT_MS)]);
    try {
      const obtained = await obtain(source, { env, signal, wall: () => clock.wall() });
      if (abort.signal.aborted) return;
      kept.credential = { id, ...obtained };
      kept.gotAtMs = clock.wall();
      tell(kept.credential);
      totals.inc('headgate_credential_renewals_total', [provider, key, 'renewed']);
      const { expiresAtMs } = obtained;
      if (expiresAtMs !== null)
        totals.setGauge('headgate_credential_expiry_timestamp_seconds', [provider, key], expiresAtMs / 1000);
      const again = kept.failures > 0;
      kept.failures = 0;
      log[again ? 'info' : 'debug']({ provider, key, expiresAtMs }, 'credential is renewed');
      later(kept, aheadOf(expiresAtMs));
    } catch (err) {
      if (abort.signal.aborted) return;
      totals.inc('headgate_credential_renewals_total', [provider, key, 'failed']);
      const heldForMs = Math.max(0, (kept.credential?.expiresAtMs ?? clock.wall()) - clock.wall());
      const delayMs = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** kept.failures);
      kept.failures += 1;
      const reason = err instanceof Error ? err.message : String(err);
      log.warn({ provider, key, reason, heldForMs, retryInMs: delayMs }, 'credential cannot be renewed');
      later(kept, delayMs);
    } finally {
      kept.asking = false;
      kept.asked.resolve();
    }
  }

  /** ms until it is time to renew. */
  function aheadOf(expiresAtMs: number | null): number {
    if (expiresAtMs === null) return ENDLESS_MS;
    const leftMs = expiresAtMs - clock.wall();
    return Math.min(MOST_MS, Math.max(LEAST_MS, leftMs - Math.min(AHEAD_MS, leftMs / 4)));
  }

  function later(kept: Kept, ms: number): void {
    kept.timer = setTimeout(() => void renew(kept), ms * (1 - JITTER * random()));
    kept.timer.unref();
  }

  function begin(config: Config): Kept[] {
    return credentialsOf(config).map(({ id, provider, key, source }) => {
      const known = all.get(id);
      if (known !== undefined) return known;
      const kept: Kept = {
        id,
        provider,
        key,
        source,
        credential: null,
        gotAtMs: 0,
        asking: false,
        failures: 0,
        timer: null,
        abort: new AbortController(),
        asked: Promise.withResolvers(),
      };
      all.set(id, kept);
      void renew(kept);
      return kept;
    });
  }

  return {
    follow(config) {
      const wanted = new Set(begin(config));
      for (const kept of all.values()) {
        if (wanted.has(kept)) continue;
        kept.abort.abort();
        if (kept.timer !== null) clearTimeout(kept.timer);
        all.delete(kept.id);
      }
    },
    async prepare(config, ms) {
      const first = begin(config).filter(({ credential, failures }) => credential === null && failures === 0);
      if (first.length === 0) return;
      const late = Promise.withResolvers<void>();
      const timer = behindTurns(ms, late.resolve);
      await Promise.race([Promise.all(first.map(({ asked }) => asked.promise)), late.promise]);
      timer.clear();
    },
    refused(id) {
      const kept = all.get(id);
      if (kept === undefined || kept.asking || kept.failures > 0) return;
      if (clock.wall() - kept.gotAtMs < NEW_MS) return;
      if (kept.timer !== null) clearTimeout(kept.timer);
      log.info({ provider: kept.provider, key: kept.key }, 'credential was refused: another is asked for');
      void renew(kept);
    },
    current: () => [...all.values()].flatMap(({ credential }) => credential ?? []),
  };
}

/** The configuration as workers get it: where credentials come from is the primary's alone. */
export function withoutSources(config: Config): Config {
  if (credentialsOf(config).length === 0) return config;
  const providers = config.providers.map((provider) => ({
    ...provider,
    keys: provider.keys.map((key) =>
      key.credential === undefined ? key : { ...key, credential: { id: key.credential.id } },
    ),
  }));
  return { ...config, providers };
}

function credentialsOf({ providers }: Config) {
  return providers.flatMap(({ name, keys }) =>
    keys.flatMap(({ alias, credential }) =>
      has(credential) ? [{ ...credential, provider: name, key: alias }] : [],
    ),
  );
}

function has(credential: CredentialConfig | undefined): credential is Required<CredentialConfig> {
  return credential?.source !== undefined;
}
