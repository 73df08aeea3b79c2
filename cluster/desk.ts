// What the gatehouse asks of the primary, on behalf of people: how the gateway does, and what only the primary can do.
import type { GatehouseAsk } from '../src/contracts/gatehouse-ipc.ts';
import type { ClusterViews } from './cluster-view.ts';

export interface DeskDeps {
  readonly views: Pick<ClusterViews, 'view'>;
}

/** Answers one question; what it throws is told as a refusal. */
export type Desk = (ask: GatehouseAsk) => unknown;

export function createDesk({ views }: DeskDeps): Desk {
  return (ask) => {
    switch (ask.do) {
      case 'look':
        return views.view();
    }
  };
}
