// What a call's answer has to go through, as its request left it.
import type { CallGuard } from '../../contracts/call-guard.ts';
import type { DeltaFilter } from '../../contracts/delta-filter.ts';
import type { GatewayError } from '../../contracts/errors.ts';
import type { SessionGuard } from '../../contracts/session-guard.ts';
import { OutputFilter } from '../../guardrails/output-filter.ts';
import type { GuardRun } from '../../guardrails/run.ts';
import { AnswerMonitor, type MonitorDeps } from './answer-monitor.ts';

export class AnswerGuard implements CallGuard {
  readonly print: string;
  readonly run: GuardRun;
  /** Checks of the request that are made while the model works; null = none. */
  beside: Promise<GatewayError | null> | null = null;
  /** Hears the answer of the moment, of two that race the one that spoke last; null = nobody is asked about it. */
  monitor: AnswerMonitor | null = null;
  /** A stream began: another answer can only go on with it, and is judged as part of it. */
  begun = false;
  readonly filter: (() => DeltaFilter) | null;
  /** Something is looked for in answers. */
  readonly looks: boolean;
  readonly judged: boolean;
  refusedWith = 0;
  session: SessionGuard | null = null;
  readonly #deps: MonitorDeps;

  readonly around: CallGuard['around'];

  constructor(print: string, run: GuardRun, deps: MonitorDeps, around: CallGuard['around']) {
    this.print = print;
    this.run = run;
    this.#deps = deps;
    this.around = around;
    this.looks = run.guards.some(({ output, toolCall }) => output || toolCall) || run.placeholders.size > 0;
    this.judged = run.guards.some(
      ({ output, toolCall, remote, config }) =>
        (output && remote.length > 0) || ((output || toolCall) && config.action === 'retry'),
    );
    this.filter = this.looks ? () => new OutputFilter(this.run, this.listen()) : null;
  }

  /** One of them looks at pictures in answers. */
  get seesImages(): boolean {
    return this.run.guards.some(({ output, seesImages }) => output && seesImages);
  }

  conceal(text: string): string {
    return this.run.placeholders.conceal(text);
  }

  concealBytes(bytes: Buffer): Buffer {
    return this.run.placeholders.concealBytes(bytes);
  }

  get refusal(): GatewayError | null {
    return this.run.refusal;
  }

  /** An answer begins: another target's begins anew, unless it goes on with one that was begun. */
  listen(): AnswerMonitor | null {
    if (this.begun && this.monitor !== null) return this.monitor;
    const remote = this.run.guards.filter((guard) => guard.output && guard.remote.length > 0);
    if (remote.length === 0) return null;
    const monitor: AnswerMonitor = new AnswerMonitor(remote, {
      ...this.#deps,
      // Nobody asks about an answer that was left, or lost its race.
      over: () => this.monitor !== monitor || this.#deps.over(),
      speaks: () => this.#turnTo(monitor),
    });
    this.#turnTo(monitor);
    return monitor;
  }

  #turnTo(monitor: AnswerMonitor): void {
    const { monitor: other } = this;
    if (other === monitor) return;
    this.monitor = monitor;
    if (other === null) return;
    monitor.onNews = other.onNews;
    other.onNews = null;
  }
}
