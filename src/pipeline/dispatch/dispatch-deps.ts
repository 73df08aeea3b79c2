// What a dispatch works with.
import type { Admission } from '../../contracts/admission.ts';
import type { Dialect, DialectName } from '../../contracts/dialect.ts';
import type { MediaFetcher } from '../../contracts/media.ts';
import type { Target } from '../../contracts/plan.ts';
import type { Refusals } from '../../contracts/rests.ts';
import type { TokenCounter } from '../count.ts';
import type { Lacks } from '../lacks.ts';
import type { Refuser } from '../refuse.ts';
import type { Settle } from '../settle.ts';
import type { UpstreamHeaderBuilder } from '../upstream-headers.ts';
import type { DeliveryDeps } from './delivery-deps.ts';
import type { HedgeMemory, HedgeOutcome } from './hedge-memory.ts';
import type { PrefillMemory, RescueManner } from './rescue.ts';

export interface DispatchDeps extends DeliveryDeps {
  headers: UpstreamHeaderBuilder;
  /** Null: nothing is fetched. */
  media: MediaFetcher | null;
  dialect(name: DialectName): Dialect;
  refuse: Refuser;
  settle: Settle;
  admission: Admission;
  counter: TokenCounter;
  random(): number;
  /** Keys rest and targets cool down by what it hears. */
  refusals: Refusals;
  /** The stream of a target broke off, and was told whole all the same, or not. */
  rescued(from: Target, outcome: RescueManner | 'failed'): void;
  /** The worker cannot keep up: nothing is repeated, nor sent a second time. */
  eased(): boolean;
  /** What became of a second leg beside one at `first`. */
  hedged(first: Target, outcome: HedgeOutcome): void;
}

/** What calls leave for those that come. */
export interface DispatchMemory {
  prefill: PrefillMemory;
  /** Servers without the dialect that a model takes tools in. */
  lacks: Lacks;
  hedges: HedgeMemory;
}
