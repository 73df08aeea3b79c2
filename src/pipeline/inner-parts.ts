// A request that is asked as several, each a call of its own that is limited, counted and charged, whose answers go to the client as one.
import type { Call, Cancellable } from '../contracts/call.ts';
import type { OperationName } from '../contracts/operation.ts';
import type { Plan } from '../contracts/plan.ts';
import type { Principal } from '../contracts/principal.ts';
import type { HeaderList } from '../contracts/sink.ts';
import { usdText } from '../prices/usd-text.ts';
import type { InnerAnswer, InnerCalls } from './inner-call.ts';
import { timeoutsFor } from './overrides.ts';
import { asGatewayError } from './pipeline.ts';
import type { Refuser } from './refuse.ts';
import type { Settle } from './settle.ts';

export interface InnerPartsDeps {
  inner: Pick<InnerCalls, 'ask'>;
  settle: Settle;
  refuse: Refuser;
  /** Monotonic ms. */
  now(): number;
}

/** Parts that are asked at a time: a batch is not to fill its lane. */
const AT_A_TIME = 4;
/** Without a clock of its own a part may take so long. */
const LONGEST_MS = 24 * 3_600_000;
const COST = 'x-headgate-cost-usd';
/** Targets beside the first that a request may list. */
const MOST_FALLBACKS = 10;

export abstract class InnerParts implements Cancellable {
  protected readonly call: Call;
  readonly #deps: InnerPartsDeps;
  readonly #operation: OperationName;
  readonly #bodies: readonly Buffer[];
  readonly #answers: InnerAnswer[] = [];
  #next = 0;
  #left: number;
  #over = false;
  #waitFrom = 0;

  /** @param bodies JSON, one of each part; they are given away. */
  constructor(deps: InnerPartsDeps, call: Call, operation: OperationName, bodies: readonly Buffer[]) {
    this.#deps = deps;
    this.call = call;
    this.#operation = operation;
    this.#bodies = bodies;
    this.#left = bodies.length;
  }

  /** All answers are here, in the order of their parts: ends in `reply` or `failed`, now or later. */
  protected abstract join(answers: readonly InnerAnswer[]): void;

  start(): void {
    this.call.begin(this);
    this.#waitFrom = this.#deps.now();
    while (this.#next < Math.min(AT_A_TIME, this.#bodies.length)) this.#ask(this.#next++);
  }

  /** Those under way end with the call that they are parts of. */
  cancel(): void {
    this.#over = true;
  }

  #ask(part: number): void {
    const { call } = this;
    const { totalMs } = timeoutsFor(call, call.plan!.targets[0]!);
    const { answer } = this.#deps.inner.ask(call, {
      operation: this.#operation,
      dialect: call.route.dialect,
      body: this.#bodies[part]!,
      timeoutMs: totalMs > 0 ? totalMs : LONGEST_MS,
    });
    answer.then(
      (whole) => this.#answered(part, whole),
      (cause: unknown) => this.failed(cause),
    );
  }

  #answered(part: number, answer: InnerAnswer): void {
    if (this.#over) return;
    this.#answers[part] = answer;
    this.#left--;
    if (this.#next < this.#bodies.length) this.#ask(this.#next++);
    else if (this.#left === 0) {
      const { call } = this;
      call.waitedMs += this.#deps.now() - this.#waitFrom;
      const [first] = this.#answers;
      call.provider = first!.call.provider;
      call.upstreamModel = first!.call.upstreamModel;
      this.join(this.#answers);
    }
  }

  /** @param events the answer is a stream that is told at once. */
  protected reply(body: Buffer | string, events = false): void {
    if (this.#over) return;
    this.#over = true;
    const { call } = this;
    call.finish(this);
    const headers = headersOf(this.#answers);
    if (events) {
      const told = headers.filter(([name]) => name !== 'content-type');
      call.sink.start(200, [...told, ['content-type', 'text/event-stream']]);
      call.sink.chunk(body);
      call.sink.end();
    } else call.sink.reply(200, headers, body);
    // What it used stands with its parts.
    this.#deps.settle(call, { status: 200, error: null, facts: null });
  }

  protected failed(cause: unknown): void {
    if (this.#over) return;
    this.#over = true;
    const { call } = this;
    call.finish(this);
    this.#deps.refuse(call, asGatewayError(cause), null);
  }
}

/**
 * What parts are asked of, with the targets that their caller may use: what is the caller's alone, or a plugin's choice, they know nothing
 * of, since the gateway asks for them. `fallbacks` null: as the request has it.
 */
export function namesForParts(
  { targets, name, chosen = false }: Plan,
  principal: Principal | null,
): { model: string; fallbacks: string[] | null } {
  const narrowed =
    chosen ||
    (principal !== null &&
      (principal.permits !== null || principal.aliases !== null || principal.fallbacks !== null));
  if (!narrowed) return { model: name, fallbacks: null };
  const [first = name, ...rest] = targets.map(({ label }) => label);
  return { model: first, fallbacks: rest.slice(0, MOST_FALLBACKS) };
}

/** What the last part said of limits is the newest; what is said of losses is the same in all; what they cost is the sum. */
function headersOf(answers: readonly InnerAnswer[]): HeaderList {
  const headers = answers.at(-1)!.headers.filter(([name]) => name !== COST);
  const costs = answers.map((answer) => answer.headers.find(([name]) => name === COST)?.[1]);
  // Of some alone it would be too little.
  if (costs.every((cost) => cost !== undefined))
    headers.push([COST, usdText(costs.reduce((sum, cost) => sum + nanoIn(cost), 0))]);
  return [...headers, ['x-headgate-parts', String(answers.length)]];
}

function nanoIn(usd: string): number {
  return Math.round(Number(usd) * 1e9);
}
