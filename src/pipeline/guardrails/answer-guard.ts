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
  /** Hears the answer of the moment; null = nobody is asked about it. */
  monitor: AnswerMonitor | null = null;
  readonly filter: (() => DeltaFilter) | null;
  /** Something is looked for in answers. */
  readonly looks: boolean;
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
    this.filter = this.looks ? () => new OutputFilter(this.run, this.listen()) : null;
  }

  /** One of them looks at pictures in answers. */
  get seesImages(): boolean {
    return this.run.guards.some(({ output, seesImages }) => output && seesImages);
  }

  conceal(text: string): string {
    return this.run.placeholders.conceal(text);
  }

  get refusal(): GatewayError | null {
    return this.run.refusal;
  }

  /** An answer begins: another target's begins anew. */
  listen(): AnswerMonitor | null {
    const remote = this.run.guards.filter((guard) => guard.output && guard.remote.length > 0);
    this.monitor = remote.length === 0 ? null : new AnswerMonitor(remote, this.#deps);
    return this.monitor;
  }
}
