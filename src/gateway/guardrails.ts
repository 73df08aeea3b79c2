// Guardrails put together: what a configuration says of them, the stage on requests, which leaves the rest on its calls.
import { inspectBody } from '../body/inspect.ts';
import type { Config } from '../contracts/config.ts';
import type { GatewayPorts } from '../contracts/gateway.ts';
import type { CallObserver } from '../contracts/ports.ts';
import { GuardTable } from '../guardrails/guard-table.ts';
import { createRemoteChecks } from '../guardrails/remote/checks.ts';
import { createPostJson } from '../guardrails/remote/json-post.ts';
import { LineGate } from '../observability/line-gate.ts';
import type { Recorder } from '../observability/recorder.ts';
import type { Clocks } from '../pipeline/clocks.ts';
import type { StageEntry } from '../pipeline/flows.ts';
import { createAskAgain } from '../pipeline/guardrails/ask-again.ts';
import { createCheckRequest, type Guards } from '../pipeline/guardrails/check-request.ts';
import { GuardSink } from '../pipeline/guardrails/guard-sink.ts';
import type { InnerCalls } from '../pipeline/inner-call.ts';

const MAX_REASON_CHARS = 200;

export interface Guardrails {
  /** @throws Error when a guardrail cannot be compiled. */
  compile(config: Config): void;
  readonly stage: StageEntry;
  /** Counts what was decided. */
  readonly observer: CallObserver;
  close(): void;
}

/** @param inner made later: it needs the stages. */
export function createGuardrails(
  { clock, log, offload }: Pick<GatewayPorts, 'clock' | 'log' | 'offload'>,
  recorder: Recorder,
  clocks: Clocks,
  inner: () => InnerCalls,
): Guardrails {
  const checks = createRemoteChecks(
    {
      post: createPostJson(),
      wall: () => clock.wall(),
      async ask(parent, question) {
        const { body } = await inner().ask(parent, question).answer;
        return body.toString('utf8');
      },
    },
    clock,
  );
  // As long as somebody holds a configuration.
  const compiled = new WeakMap<Config, Guards>();
  const gate = new LineGate(log, clock);
  const askAgain = createAskAgain(inner, clock);
  const needed = ({ config }: { config: Config }): boolean => (config.guardrails?.length ?? 0) > 0;
  return {
    compile(config) {
      if (!needed({ config })) return;
      const guardrails = config.guardrails!;
      compiled.set(config, { table: new GuardTable(guardrails, config), checks: checks(guardrails) });
    },
    stage: {
      stage: createCheckRequest({
        guards: (call) => compiled.get(call.snapshot.config) ?? null,
        inspect: inspectBody,
        random: Math.random,
        offload,
        clocks,
        around: (sink, call) => new GuardSink(sink, call, askAgain),
        asked: (type, outcome, ms) => {
          recorder.counter('headgate_guardrail_asks_total', [type, outcome]).add(1);
          recorder.histogram('headgate_guardrail_ask_duration_seconds', [type]).observe(ms / 1000);
        },
        failed: ({ name, onError }, type, cause) =>
          gate.say(
            'warn',
            { guardrail: name, check: type, onError, reason: reasonOf(cause) },
            'guardrail: a check cannot be asked',
          ),
      }),
      needed,
      inner: false,
    },
    observer: {
      settled({ guardrails }) {
        if (guardrails === null) return;
        for (const { name, at, action } of guardrails)
          recorder.counter('headgate_guardrail_decisions_total', [name, at, action]).add(1);
      },
    },
    close: () => gate.close(),
  };
}

/** Node says why no address of a name took a connection by its code alone. */
function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause).slice(0, MAX_REASON_CHARS);
  const { code } = cause as NodeJS.ErrnoException;
  return (cause.message || code || cause.name).slice(0, MAX_REASON_CHARS);
}
