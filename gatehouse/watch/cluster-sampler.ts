// Asks the primary once a minute how it is, for the charts of a day.
import type { ClusterView } from '../../src/contracts/cluster-view.ts';
import type { GatehouseAsk } from '../../src/contracts/gatehouse-ipc.ts';
import type { ClusterHistory } from './cluster-history.ts';

const EVERY_MS = 60_000;

export interface ClusterSampler {
  start(): void;
  stop(): void;
}

export function createClusterSampler(
  history: Pick<ClusterHistory, 'take'>,
  ask: (ask: GatehouseAsk) => Promise<unknown>,
): ClusterSampler {
  let timer: NodeJS.Timeout | null = null;
  const sample = (): void => {
    ask({ do: 'look' }).then(
      (view) => history.take(view as ClusterView), // what the primary answers to this
      // It is busy, or ends: a gap.
      () => undefined,
    );
  };
  return {
    start() {
      sample();
      timer = setInterval(sample, EVERY_MS).unref();
    },
    stop() {
      if (timer !== null) clearInterval(timer);
    },
  };
}
