// A request that is asked as several, each a call of its own that is limited, counted and charged, whose answers go to the client as one.
import type { Call, Cancellable } from '../contracts/call.ts';
import { GatewayError } from '../contracts/errors.ts';
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
/** A limit of calls at once is asked again so soon at most, and so often: with Redis a place is free a moment after its call is over. */
const AGAIN_MS = 250;
const MOST_WAITS = 120;
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
  /** Parts that are not asked, or are to be asked again. */
  readonly #waiting: number[];
  #running = 0;
  /** As many as may run at a time, as far as their caller's limits told. */
  #places = AT_A_TIME;
  #waits = 0;
  #timer: NodeJS.Timeout | null = null;
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
    this.#waiting = Array.from(bodies.keys());
  }

  /** All answers are here, in the order of their parts: ends in `reply` or `failed`, now or later. */
  protected abstract join(answers: readonly InnerAnswer[]): void;

  start(): void {
    this.call.begin(this);
    this.#waitFrom = this.#deps.now();
    this.#askMore();
  }

  /** Those under way end with the call that they are parts of. */
  cancel(): void {
    this.#end();
  }

  #end(): void {
    this.#over = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  get #mayBeFull(): boolean {
    const { snapshot, principal } = this.call;
    return snapshot.limits !== null || (principal?.rules.length ?? 0) > 0;
  }

  #askMore(): void {
    while (!this.#over && this.#running < this.#places && this.#waiting.length > 0)
      this.#ask(this.#waiting.shift()!);
  }

  #ask(part: number): void {
    const { call } = this;
    const { totalMs } = timeoutsFor(call, call.plan!.targets[0]!);
    this.#running++;
    const { answer } = this.#deps.inner.ask(call, {
      operation: this.#operation,
      dialect: call.route.dialect,
      // It frees its bytes, and may have to be asked again.
      body: this.#mayBeFull ? Buffer.from(this.#bodies[part]!) : this.#bodies[part]!,
      timeoutMs: totalMs > 0 ? totalMs : LONGEST_MS,
    });
    answer.then(
      (whole) => this.#answered(part, whole),
      (cause: unknown) => this.#refused(part, cause),
    );
  }

  /** Of a key that may have few calls at once each place is used by one part after the other. */
  #refused(part: number, cause: unknown): void {
    this.#running--;
    if (this.#over) return;
    const begun = this.#running > 0 || this.#left < this.#bodies.length;
    if (!begun || !isFull(cause) || this.#waits >= MOST_WAITS) {
      this.failed(cause);
      return;
    }
    this.#waiting.unshift(part);
    this.#places = Math.max(1, this.#running);
    // Whichever of them is over next asks for it.
    if (this.#running > 0) return;
    this.#waits++;
    this.#timer = setTimeout(() => this.#askMore(), AGAIN_MS);
  }

  #answered(part: number, answer: InnerAnswer): void {
    this.#running--;
    if (this.#over) return;
    this.#answers[part] = answer;
    this.#left--;
    if (this.#waiting.length > 0) this.#askMore();
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
    this.#end();
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
    this.#end();
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

/** A limit of calls at once has no place: one that is over makes one. */
function isFull(cause: unknown): boolean {
  return (
    cause instanceof GatewayError &&
    cause.code === 'GW_LIMIT_EXCEEDED' &&
    cause.errorType === 'policy_concurrency'
  );
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
