// The primary's end of the IPC: what each message of a worker leads to. The worker's end is workers/link.ts.
import type { Shares, ToPrimary } from '../../src/contracts/ipc.ts';
import type { Clock } from '../../src/contracts/ports.ts';
import type { Log } from '../../src/observability/log.ts';
import type { BatchBook } from '../known/batch-book.ts';
import type { BudgetWatch } from '../limits/budget-watch.ts';
import type { ClaimBook } from '../known/claims.ts';
import type { Configuration } from '../config/configuration.ts';
import type { CredentialKeeper } from '../known/credentials.ts';
import type { Estates } from '../limits/estates.ts';
import type { Gatehouse } from '../gatehouse/gatehouse.ts';
import type { Life } from '../crew/life.ts';
import type { PrimaryLimits } from '../limits/limit-authority.ts';
import type { Reporter } from '../views/reporter.ts';
import type { OnceBook } from '../limits/once-book.ts';
import type { Owners } from '../known/owners.ts';
import type { GroupRests } from '../known/rests.ts';
import type { PrimaryShareBroker } from '../shares/share-broker.ts';
import type { CacheDesk } from '../gatehouse/cache-desk.ts';
import type { SiblingRelay } from '../known/sibling-relay.ts';
import type { Stats } from '../views/stats.ts';
import type { Supervisor } from '../crew/supervisor.ts';
import type { WorkerLooks } from '../gatehouse/worker-looks.ts';

export interface LinkDeps {
  clock: Clock;
  log: Log;
  supervisor: Supervisor;
  configuration: Configuration;
  shares: PrimaryShareBroker;
  limits: PrimaryLimits;
  estates: Estates;
  rests: GroupRests;
  credentials: Pick<CredentialKeeper, 'refused'>;
  siblings: SiblingRelay;
  cache: CacheDesk;
  owners: Owners;
  once: Pick<OnceBook, 'take'>;
  batches: Pick<BatchBook, 'begun'>;
  claims: ClaimBook;
  budgets: Pick<BudgetWatch, 'heard'>;
  stats: Stats;
  reporter: Reporter;
  looks: Pick<WorkerLooks, 'looked'>;
  gatehouse: Pick<Gatehouse, 'greet' | 'used'>;
  /** The configuration in force, with these shares. */
  sendConfig(life: Life, shares: Shares): void;
  /** The configuration of the start is of no use: no worker can compile it. */
  onUnusable(reason: string): void;
  /** A worker cannot begin, and ends. */
  onFailed(reason: string): void;
}

/** Handles one message. Every message is a sign of life. */
export function receive(deps: LinkDeps, life: Life, message: ToPrimary): void {
  life.lastBeatAt = deps.clock.now();
  switch (message.t) {
    case 'beat':
      return;
    case 'hello':
      life.said();
      deps.reporter.greet(life);
      // Before its first configuration, which opens its listener.
      deps.gatehouse.greet(life);
      deps.shares.join(life.id, life.index, deps.supervisor.slots().length, (shares) => {
        deps.sendConfig(life, shares);
      });
      return;
    case 'applied':
      // A worker that starts has missed what the others were told; one that changed may hold now what it did not before.
      for (const rest of deps.rests.current()) life.send({ t: 'rest', rest });
      life.version = message.version;
      deps.log.debug({ worker: life.index, version: message.version }, 'configuration applied');
      if (inForceEverywhere(deps)) deps.configuration.confirmed();
      deps.reporter.update();
      return;
    case 'rejected':
      life.reason = message.reason;
      if (life.state === 'configuring' && message.version === 1) deps.onUnusable(message.reason);
      else deps.configuration.rejected(message.version, life.index, message.reason);
      return;
    case 'listening':
      deps.supervisor.serving(life);
      deps.log.info({ worker: life.index, workerPid: life.pid, port: message.port }, 'worker listens');
      deps.reporter.update();
      return;
    case 'failed':
      life.reason = message.reason;
      deps.onFailed(message.reason);
      return;
    case 'want':
      deps.shares.want(life.id, message.lane, message.kind, message.count);
      return;
    case 'yielded':
      deps.shares.yielded(life.id, message.lane, message.kind, message.count, message.id);
      return;
    case 'metrics':
      deps.stats.merge(life, message.delta, message.answers);
      return;
    case 'scrape':
      deps.stats.scrape(life, message.id);
      return;
    case 'looked':
      deps.looks.looked(message.id, message.value, message.fault);
      return;
    case 'credential-refused':
      deps.credentials.refused(message.id);
      return;
    case 'rested':
      deps.rests.heard(message.rest, life);
      return;
    case 'limits': {
      const answers = deps.limits.receive(life.id, message.batch);
      if (answers.length > 0) life.send({ t: 'granted', answers });
      return;
    }
    case 'seek':
      deps.siblings.seek(life, message.id, message.wish, message.owner, message.ids);
      return;
    case 'cache-told':
      deps.cache.told(life, message.ask, message.told);
      return;
    case 'sought':
      deps.siblings.sought(life, message.ask, message.found);
      return;
    case 'owns':
      deps.owners.note(message.id, message.owner, message.anew);
      return;
    case 'batch':
      deps.batches.begun(message.watch);
      return;
    case 'whose': {
      const { ask, ids } = message;
      const found = deps.owners.find(ids);
      if (!(found instanceof Promise)) life.send({ t: 'owners', ask, owners: found });
      else
        found.then(
          (owners) => life.send({ t: 'owners', ask, owners }),
          (err: unknown) => deps.log.error({ err }, 'owners of objects cannot be looked up'),
        );
      return;
    }
    case 'take': {
      const { ask, id, way } = message;
      void deps.once.take(id, way).then((mine) => life.send({ t: 'taken', ask, mine }));
      return;
    }
    case 'estate':
      deps.estates.heard(life.id, message.place, message.rows);
      return;
    case 'claim':
      deps.claims.claim(life, message.id, message.name, message.print);
      return;
    case 'claim-over':
      deps.claims.settle(life, message.name, message.answer, message.ttlMs, message.madeAt);
      return;
    case 'budgets':
      deps.budgets.heard(message.uses);
      return;
    case 'plugins':
      life.plugins = message.plugins;
      return;
    case 'used':
      deps.gatehouse.used(message.used);
      return;
    case 'closed':
      deps.log.debug({ worker: life.index }, 'worker closed its listener');
      return;
    case 'drained':
      deps.log.info({ worker: life.index, cut: message.open }, 'worker drained');
      return;
  }
}

function inForceEverywhere({ supervisor, configuration }: LinkDeps): boolean {
  const serving = supervisor.lives().filter((life) => life.state === 'serving');
  return serving.every((life) => life.version === configuration.version);
}
