// Token counts (POST /v1/messages/count_tokens and its like): the vendor's own counter where the target has one (dispatch carries the call there),
// else our estimate, marked as such. Servers that speak Messages often have no counter: that is noticed and remembered.
import type { Admission } from '../contracts/admission.ts';
import type { Call, Stage } from '../contracts/call.ts';
import type { CountCodec, DialectName } from '../contracts/dialect.ts';
import type { Target } from '../contracts/plan.ts';
import type { HeaderList } from '../contracts/sink.ts';
import { parseObject } from '../dialects/lenient.ts';
import { countsFor } from '../dialects/translate-count.ts';
import { dialectByName } from '../registry/dialects.ts';
import { Lacks } from './lacks.ts';
import type { Settle } from './settle.ts';

export interface TokenCounterDeps {
  /** Prompt tokens of a body; the count runs in a thread. */
  count(body: Buffer, dialect: DialectName, model: string, signal: AbortSignal): Promise<number>;
  settle: Settle;
  /** What the answer says of the limits of its key. */
  admission: Pick<Admission, 'headers'>;
  /** Monotonic ms. */
  now(): number;
}

export interface TokenCounter {
  /** Whether the target's vendor is to be asked: it can be, in its own words, and is not known to have no counter. */
  asks(call: Call, target: Target): boolean;
  /** The target was asked and has no counter. */
  lacking(target: Target): void;
  /** Answers the call with an estimate and settles it, unless that happened meanwhile. @throws GatewayError */
  estimate(call: Call, target: Target): Promise<void>;
}

export function createTokenCounter(deps: TokenCounterDeps): TokenCounter {
  const without = new Lacks();
  return {
    asks: (call, { dialect, provider }) =>
      (dialect.name === call.route.dialect || countsFor(dialectByName(call.route.dialect), dialect)) &&
      provider.kind === 'http' &&
      !without.has(provider, deps.now()),
    lacking: ({ provider }) => without.note(provider, deps.now()),
    async estimate(call, target) {
      const abort = new AbortController();
      call.begin({ cancel: () => abort.abort() });
      call.provider = target.provider.name;
      call.upstreamModel = target.model;
      const tokens = await deps.count(call.body!, call.route.dialect, target.model, abort.signal);
      if (call.settled) return;
      const headers: HeaderList = [
        ['content-type', 'application/json'],
        ['x-headgate-estimated', '1'],
        ['x-headgate-provider', target.provider.name],
        ['x-headgate-model', target.model],
        ...deps.admission.headers(call),
      ];
      call.sink.reply(200, headers, counterOf(call).encodeAnswer(tokens));
      deps.settle(call, { status: 200, error: null, facts: null });
    },
  };
}

export function createCount(counter: TokenCounter): Stage {
  return (call) => {
    const target = call.plan!.targets[0]!;
    if (counter.asks(call, target)) return 'continue';
    return counter.estimate(call, target).then(() => 'taken');
  };
}

/** Whether a whole answer is something else than a count: some servers answer a path they do not know with 200. */
export function isNoCount({ dialect }: Target, body: Buffer): boolean {
  const answer = parseObject(body.toString('utf8'));
  return answer !== null && dialect['token-count']?.readAnswer(answer) === null;
}

// A route of this operation is one of a dialect that has it.
function counterOf({ route }: Call): CountCodec {
  return dialectByName(route.dialect)['token-count']!;
}
