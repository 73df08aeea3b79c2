// One plugin and how it is doing:
//
//   starting ── made ──► on ── too many failures within a minute ──► off (a module: until the configuration changes)
//      │                 ▲                                     └───► resting (a server) ── pause over, one call asks ──► on
//      └── cannot be made: off; a server that is not there: resting
//
// Nobody waits longer than its `timeoutMs`; what fails is the plugin's fault and never the call's: `onError` says what becomes of that.
import { Breaker } from '../circuit/breaker.ts';
import { GatewayError } from '../contracts/errors.ts';
import type { DeltaDecision, DeltaEvent, PluginHook } from '../contracts/plugin.ts';
import type { PluginConfig } from '../contracts/plugin-config.ts';
import type { CreateRunner, PluginRunner, PluginState, PluginView } from '../contracts/plugin-port.ts';
import type { Clock } from '../contracts/ports.ts';
import { behindReads, type Deadline } from '../ipc/behind-reads.ts';

export interface HostDeps {
  clock: Clock;
  create: CreateRunner;
  log(level: 'info' | 'warn' | 'error', plugin: string, message: string, fault: string): void;
  ran(plugin: string, hook: PluginHook, outcome: 'ok' | 'error' | 'timeout' | 'passed_by', ms: number): void;
}

/** How long calls wait for a module that is being loaded. */
const START_MS = 10_000;
const BUDGET_MS = 60_000;
const FIRST_PAUSE_MS = 1_000;
const MAX_PAUSE_MS = 30_000;
/** Hooks that nobody waits for and that have not ended yet; more are passed by. */
const MAX_UNHEARD = 1_000;
/** Of what is told of a failure. */
const MAX_FAULT_CHARS = 500;

class Late extends Error {}

export class PluginHost {
  readonly config: PluginConfig;
  readonly #deps: HostDeps;
  readonly #breaker: Breaker;
  #runner: PluginRunner | null = null;
  /** Those that it had when it was made. */
  #hooks: readonly PluginHook[] = [];
  #starting: Promise<void> | null = null;
  #state: PluginState = 'starting';
  #reason: PluginView['reason'] = '';
  #fault = '';
  /** ms since 1970. */
  #since: number;
  #retryAt = 0;
  #unheard = 0;
  /** Calls that have it, and whether its configuration is gone. */
  #calls = 0;
  #retired = false;

  constructor(config: PluginConfig, deps: HostDeps) {
    this.config = config;
    this.#deps = deps;
    this.#since = deps.clock.wall();
    this.#breaker = new Breaker(deps.clock, {
      openAt: config.maxErrors,
      firstPauseMs: FIRST_PAUSE_MS,
      maxPauseMs: MAX_PAUSE_MS,
      calmMs: BUDGET_MS,
      memoryMs: BUDGET_MS,
      // Errors in a row and scattered ones count alike: it is a budget.
      forgiven: 0,
      trusted: true,
    });
    this.#start();
  }

  get state(): PluginState {
    return this.#state;
  }

  view(): PluginView {
    const { name, mode } = this.config;
    return {
      name,
      mode,
      state: this.#state,
      hooks: this.#hooks,
      reason: this.#reason,
      fault: this.#fault.slice(0, MAX_FAULT_CHARS),
      since: this.#since,
    };
  }

  /** Whether it is made, or cannot be; null = nothing is to be waited for. */
  get ready(): Promise<void> | null {
    if (this.#state === 'resting' && this.#runner === null && this.#starting === null && this.#due)
      this.#start();
    return this.#starting;
  }

  has(hook: PluginHook): boolean {
    // Which it would have nobody knows: what the call needs it for is refused, or let go on, at its beginning.
    if (this.#runner === null) return hook === 'onRequest';
    return this.#runner.hooks.has(hook) && this.#wanted(hook);
  }

  /**
   * @param event made only where it is asked. @returns what it decided, as it came; undefined = nothing, or it failed and the call goes on.
   * @throws GatewayError where the call is not to go on without it; also by the promise.
   */
  ask(hook: PluginHook, event: () => unknown): unknown {
    const probes = this.#state === 'resting';
    if (!this.#mayAsk()) return this.#passedBy(hook);
    const from = this.#deps.clock.now();
    let given: unknown;
    try {
      given = this.#runner!.run(hook, event(), this.config.timeoutMs);
    } catch (cause) {
      return this.#failed(hook, from, cause, probes);
    }
    if (!(given instanceof Promise)) {
      this.#good(hook, from, probes);
      return given;
    }
    return this.#inTime(given).then(
      (decision) => {
        this.#good(hook, from, probes);
        return decision;
      },
      (cause: unknown) => this.#failed(hook, from, cause, probes),
    );
  }

  /** Of a decision that was none. @throws GatewayError as `ask`. */
  misspoke(hook: PluginHook, cause: unknown): undefined {
    return this.#failed(hook, this.#deps.clock.now(), cause, false);
  }

  /** Nobody waits for it. */
  tell(hook: PluginHook, event: () => unknown): void {
    if (this.#unheard >= MAX_UNHEARD) {
      this.#deps.ran(this.config.name, hook, 'passed_by', 0);
      return;
    }
    let given: unknown;
    try {
      given = this.ask(hook, event);
    } catch {
      return; // counted; there is no call to refuse any more
    }
    if (!(given instanceof Promise)) return;
    this.#unheard++;
    const over = (): void => {
      this.#unheard--;
    };
    given.then(over, over);
  }

  /** As `ask` of `onDelta`, of a plugin in process. */
  delta(event: DeltaEvent): DeltaDecision {
    if (this.#state !== 'on') {
      this.#passedBy('onDelta');
      return undefined;
    }
    const from = this.#deps.clock.now();
    try {
      const given: unknown = this.#runner!.delta(event);
      if (given !== undefined && typeof given !== 'string')
        throw new TypeError('`onDelta` gives neither a text nor undefined');
      return given;
    } catch (cause) {
      return this.#failed('onDelta', from, cause, false);
    }
  }

  hold(): void {
    this.#calls++;
  }

  release(): void {
    this.#calls--;
    if (this.#retired && this.#calls === 0) this.#close();
  }

  /** Its configuration is gone: it ends with the last call that has it. */
  retire(): void {
    this.#retired = true;
    if (this.#calls === 0) this.#close();
  }

  #wanted(hook: PluginHook): boolean {
    return this.config.hooks?.includes(hook) ?? true;
  }

  get #isRemote(): boolean {
    return this.config.mode === 'http' || this.config.mode === 'grpc';
  }

  get #due(): boolean {
    return this.#deps.clock.now() >= this.#retryAt;
  }

  #start(): void {
    const { config, create } = { config: this.config, create: this.#deps.create };
    const made = create(config, (message) => this.#deps.log('info', config.name, message, '')).then(
      (runner) => this.#made(runner),
      (cause: unknown) => this.#notMade(reasonOf(cause)),
    );
    let timer: Deadline;
    const late = new Promise<void>((resolve) => {
      timer = behindReads(this.#isRemote ? config.timeoutMs : START_MS, resolve);
    });
    const waited = Promise.race([made, late]).then(() => {
      timer.clear();
      if (this.#starting === waited) this.#starting = null;
    });
    this.#starting = waited;
  }

  #made(runner: PluginRunner): void {
    if (this.#retired) {
      runner.close();
      return;
    }
    const { name, hooks } = this.config;
    const none = hooks?.find((hook) => !runner.hooks.has(hook));
    if (none !== undefined) this.#deps.log('warn', name, `it has no hook \`${none}\``, '');
    this.#runner = runner;
    this.#hooks = [...runner.hooks];
    if (this.#state === 'resting') this.#deps.log('info', name, 'the plugin is there again', '');
    this.#become('on', '', '');
  }

  #notMade(fault: string): void {
    const paused = this.#retryAt === 0 ? FIRST_PAUSE_MS : MAX_PAUSE_MS;
    this.#retryAt = this.#deps.clock.now() + paused;
    if (this.#state === 'starting')
      this.#deps.log(
        'error',
        this.config.name,
        this.#isRemote ? 'the plugin cannot be reached' : 'the plugin cannot be loaded',
        fault,
      );
    this.#become(this.#isRemote ? 'resting' : 'off', 'start', fault);
  }

  #become(state: PluginState, reason: PluginView['reason'], fault: string): void {
    if (state !== this.#state) this.#since = this.#deps.clock.wall();
    this.#state = state;
    this.#reason = reason;
    this.#fault = fault;
  }

  #mayAsk(): boolean {
    if (this.#runner === null) return false;
    if (this.#state === 'on') return true;
    return this.#state === 'resting' && this.#due && this.#breaker.beginProbe();
  }

  #good(hook: PluginHook, from: number, probes: boolean): void {
    const { name } = this.config;
    this.#deps.ran(name, hook, 'ok', this.#deps.clock.now() - from);
    if (!probes) return;
    this.#breaker.probeAnswered();
    this.#become('on', '', '');
    this.#deps.log('info', name, 'the plugin answers again', '');
  }

  #failed(hook: PluginHook, from: number, cause: unknown, probes: boolean): undefined {
    const { name, onError, maxErrors } = this.config;
    const now = this.#deps.clock.now();
    this.#deps.ran(name, hook, cause instanceof Late ? 'timeout' : 'error', now - from);
    const fault = reasonOf(cause);
    if (probes) {
      this.#breaker.probeFailed();
      this.#retryAt = now + this.#breaker.pauseMs;
    } else {
      this.#deps.log('warn', name, `its ${hook} failed`, fault);
      if (this.#breaker.failure()) this.#switchOff(now, maxErrors, fault);
    }
    if (onError === 'closed')
      throw new GatewayError('GW_PLUGIN_FAILED', { message: `The plugin \`${name}\` failed.`, cause });
    return undefined;
  }

  #switchOff(now: number, maxErrors: number, fault: string): void {
    const { name } = this.config;
    this.#become(this.#isRemote ? 'resting' : 'off', 'errors', fault);
    if (this.#isRemote) {
      this.#retryAt = now + this.#breaker.pauseMs;
      this.#deps.log(
        'error',
        name,
        `the plugin is left alone for a while: ${maxErrors} failures within a minute`,
        fault,
      );
      return;
    }
    this.#deps.log('error', name, `the plugin is switched off: ${maxErrors} failures within a minute`, fault);
    this.#close();
  }

  #passedBy(hook: PluginHook): undefined {
    const { name, onError } = this.config;
    this.#deps.ran(name, hook, 'passed_by', 0);
    if (onError === 'closed')
      throw new GatewayError('GW_PLUGIN_FAILED', {
        message: `The plugin \`${name}\` is switched off.`,
        cause: this.#fault,
      });
    return undefined;
  }

  #inTime<T>(work: Promise<T>): Promise<T> {
    let timer: Deadline;
    const late = new Promise<never>((_, reject) => {
      timer = behindReads(this.config.timeoutMs, () => reject(new Late('it took too long')));
    });
    return Promise.race([work, late]).finally(() => timer.clear());
  }

  #close(): void {
    const runner = this.#runner;
    if (runner === null) return;
    this.#runner = null;
    try {
      runner.close();
    } catch (cause) {
      this.#deps.log('warn', this.config.name, 'its `close` failed', reasonOf(cause));
    }
  }
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
