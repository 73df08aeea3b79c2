// What runs a plugin's hooks, wherever they run, and what of them a call carries.
import type { BodySource } from './body-source.ts';
import type { CreateDeltaQueue } from './delta-filter.ts';
import type { Target } from './plan.ts';
import type { PluginConfig } from './plugin-config.ts';
import type { DeltaDecision, DeltaEvent, PluginHook } from './plugin.ts';
import type { RequestBody } from './upstream.ts';

/** Runs hooks of one plugin. */
export interface PluginRunner {
  readonly hooks: ReadonlySet<PluginHook>;
  /**
   * @param event of that hook. @param timeoutMs after it nobody waits, and what runs may be ended.
   * @returns its decision, as it came. @throws also by the promise, when there is none.
   */
  run(hook: PluginHook, event: unknown, timeoutMs: number): unknown;
  /** `onDelta` at once; asked of those in process alone. */
  delta(event: DeltaEvent): DeltaDecision;
  close(): void;
}

/** Makes the runner of a plugin. Rejects with what is wrong with it. */
export type CreateRunner = (config: PluginConfig, log: (message: string) => void) => Promise<PluginRunner>;

/** How a plugin is. `resting`: its server failed, and is tried again; `off`: it failed too often, until the configuration changes. */
export type PluginState = 'starting' | 'on' | 'resting' | 'off';

/** A plugin as people see it. */
export interface PluginView {
  readonly name: string;
  readonly mode: PluginConfig['mode'];
  readonly state: PluginState;
  readonly hooks: readonly PluginHook[];
  /** `start`: it could not be loaded, or reached; `errors`: it failed too often within a minute; '' = it is on. */
  readonly reason: '' | 'start' | 'errors';
  /** What went wrong then; '' = nothing. */
  readonly fault: string;
  /** When it came into this state, ms since 1970. */
  readonly since: number;
}

/** A target that is about to be asked. */
export interface PluginLeg {
  readonly target: Pick<Target, 'provider' | 'model' | 'label'>;
  body: RequestBody | BodySource | null;
}

/** Plugins of one call. */
export interface CallPlugins {
  /** Before a target is asked; null = no plugin wants to know. Rejects with GatewayError. */
  readonly upstream: ((leg: PluginLeg) => Promise<void>) | null;
  /** Made for each answer: a plugin looks at what is said, and cannot at once; null = none does. */
  readonly deltas: CreateDeltaQueue | null;
  /** Of the requests to the target of the moment; null = none. */
  upstreamHeaders: Readonly<Record<string, string>> | null;
}
