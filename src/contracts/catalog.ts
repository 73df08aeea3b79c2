// The port to what models there are: for those who list them. Calls are planned by the ModelTable alone.
import type { DialectName } from './dialect-name.ts';
import type { Lane } from './lane.ts';
import type { ProbeResult } from './worker-look.ts';
import type { ListedModel, Snapshot } from './snapshot.ts';

export interface ModelCatalog {
  /**
   * All models that can be named: aliases, declared ones, and what providers list that nobody wrote down. A promise only
   * while such a list is asked for the first time; it waits for a bounded time and never rejects.
   */
  list(snapshot: Snapshot): readonly ListedModel[] | Promise<readonly ListedModel[]>;
  /** Asks one provider for its list now, whatever is known of it. Never rejects. */
  probe(lane: Lane): Promise<ProbeResult>;
  /** The card of whatever a call would be planned for under this name; null where it would be refused. */
  find(snapshot: Snapshot, name: string, dialect: DialectName, prefix: string | null): ListedModel | null;
}
