// Where a call may go: tiers of targets, in order. Compiled per snapshot and model, so that a request only follows pointers.
import type { Balancer, TargetLoad } from './balance.ts';
import type { EncodeTarget } from './body.ts';
import type { Cell } from './cell.ts';
import type { FallbackKind, HedgeConfig, RescuePolicy, ShadowConfig } from './alias-config.ts';
import type { RetryConfig, TimeoutConfig } from './attempt-config.ts';
import type { ProviderConfig } from './provider-config.ts';
import type { Dialect } from './dialect.ts';
import type { Lane } from './lane.ts';
import type { OperationName } from './operation.ts';
import type { Price } from './price.ts';
import type { Spoken } from './provider.ts';

/** One model at one provider. */
export interface Target {
  readonly lane: Lane;
  /** What the lane knows of this model. */
  readonly cell: Cell;
  readonly provider: ProviderConfig;
  readonly dialect: Dialect;
  /** How this provider speaks it. */
  readonly spoken: Spoken;
  /** Path of the dialect below the base URL, for this model. */
  readonly below: string;
  /** What it is asked: the call's operation, or the one that stands in for it (`Operation.standIn`). */
  readonly operation: OperationName;
  /** Name at the upstream. */
  readonly model: string;
  /** `provider/model`, for labels. */
  readonly label: string;
  readonly encode: EncodeTarget;
  /** What its model costs there; null = not known. */
  readonly price: Price | null;
  /** Its model refuses part of what its dialect allows: the byte path has to look for it. */
  readonly particular: boolean;
  /**
   * The same model by the dialect it was taken from for the sake of function tools, for where its server turns out not to have
   * the other one; null = it stands where it stands.
   */
  readonly otherwise: Target | null;
  /** Its part of what its tier gets, where the strategy goes by weights; 1 unless the configuration says otherwise. */
  readonly weight: number;
  /** Calls of one conversation go to one of its keys; absent = to any, by their weights. */
  readonly steady?: boolean;
  /** What this worker saw of it; null where nobody chooses by it, and so nobody counts. */
  readonly load: TargetLoad | null;
  readonly retries: RetryConfig;
  readonly timeouts: TimeoutConfig;
}

/** Who is asked, and in what dialect: of a target all that the headers of a request are made of. */
export type Speaker = Pick<Target, 'provider' | 'dialect' | 'spoken'>;

/** Targets of equal rank. Never empty. */
export interface Tier {
  readonly targets: readonly Target[];
  /** Who orders them for a call; null = as they are listed. */
  readonly balancer: Balancer<Target> | null;
}

export interface Plan {
  /** Public name: the alias, else `provider/model`. Bounded in number: used as a label. */
  readonly name: string;
  /** First choice first; the rest are fallbacks. Never empty. */
  readonly tiers: readonly Tier[];
  /** Those of all tiers, in order: who only wants to know where a call may go reads this, and nobody lays it out anew. */
  readonly targets: readonly Target[];
  /** What it was put together of: the model's own plan and those of its fallbacks. Absent where it is one of its own. */
  readonly parts?: readonly Plan[];
  /** A plugin left these targets of it, in its order: its name alone would lead to others. */
  readonly chosen?: boolean;
  /** Some tier of it is ordered for each call. */
  readonly balanced: boolean;
  /** Targets that are only for certain failures of those before them; absent = every one is for any. */
  readonly kinds?: ReadonlyMap<Target, ReadonlySet<FallbackKind>>;
  /** The head of a stream waits for content, also where no other target is left. */
  readonly gate?: boolean;
  /** Absent: `resume` where another target is left. */
  readonly rescue?: RescuePolicy;
  /** Absent: nothing is asked twice at once. */
  readonly hedge?: HedgeConfig;
  /** Absent: nothing is copied. */
  readonly shadow?: ShadowConfig;
  /** Plans of the same name that so many percent of sessions have in place of this one (routing/split.ts); absent = none has. */
  readonly arms?: readonly { readonly percent: number; readonly plan: Plan }[];
  /** The plan of a request with function tools, where some model takes them in another dialect; absent = this one. */
  readonly withTools?: Plan;
}
