// A request for embeddings with more inputs than its targets take in one: several calls, each with as many as they take, whose
// answers go to the client as one. Each of them is limited, counted and charged on its own.
import type { AnswerContext } from '../contracts/answer-context.ts';
import type { BodyFacts, Span } from '../contracts/body.ts';
import type { Call, Cancellable, Stage } from '../contracts/call.ts';
import type { Dialect } from '../contracts/dialect.ts';
import type { Plan, Target } from '../contracts/plan.ts';
import type { Offload } from '../contracts/ports.ts';
import type { HeaderList } from '../contracts/sink.ts';
import { PER_MEMBER } from '../body/member-edits.ts';
import { MemberReader } from '../body/member-reader.ts';
import { joinEmbeddings } from '../dialects/join-embeddings.ts';
import { parseObject } from '../dialects/lenient.ts';
import { pairOf } from '../dialects/translate.ts';
import type { InnerAnswer, InnerCalls } from './inner-call.ts';
import { timeoutsFor } from './overrides.ts';
import { asGatewayError } from './pipeline.ts';
import type { Refuser } from './refuse.ts';
import type { Settle } from './settle.ts';

interface Part {
  body: Buffer;
  /** Inputs in it. */
  count: number;
}

export interface PartsDeps {
  inner: Pick<InnerCalls, 'ask'>;
  offload: Offload | null;
  dialect(name: Dialect['name']): Dialect;
  settle: Settle;
  refuse: Refuser;
  /** Monotonic ms. */
  now(): number;
  /** ms since 1970. */
  wall(): number;
}

/** Parts that are asked at a time: a batch is not to fill its lane. */
const AT_A_TIME = 4;
/** The shortest input is `"",`. */
const MIN_INPUT_BYTES = 3;
/** Without a clock of its own a part may take so long. */
const LONGEST_MS = 24 * 3_600_000;
/** Targets beside the first that a request may list. */
const MOST_FALLBACKS = 10;

export function createParts(deps: PartsDeps): Stage {
  return (call) => {
    const client = deps.dialect(call.route.dialect);
    const { inputLists } = pairOf(client, 'embeddings');
    const most = mostOf(call.plan!);
    const { body, facts } = call;
    if (inputLists === undefined || most === null || body!.length < most * MIN_INPUT_BYTES) return 'continue';
    const list = memberOf(body!, facts!, inputLists);
    if (list === null) return 'continue';
    const inputs = inputsIn(body!, list);
    if (inputs.length <= most) return 'continue';
    const head = headOf(call, list);
    const parts: Part[] = [];
    for (let from = 0; from < inputs.length; from += most) {
      const count = Math.min(most, inputs.length - from);
      const { end } = inputs[from + count - 1]!;
      parts.push({ body: partOf(head, list, body!.subarray(inputs[from]!.start, end)), count });
    }
    new Parts(deps, call, client, head, parts).start();
    return 'taken';
  };
}

/** Inputs that each target of the plan takes in one request; null = all of them any number. */
function mostOf({ targets }: Plan): number | null {
  let most: number | null = null;
  for (const { provider, dialect, operation, model, encode } of targets) {
    const { mostInputs } = pairOf(dialect, operation);
    const own = provider.quirks.embeddingInputs ?? mostInputs?.(model, encode.hosted) ?? null;
    if (own !== null && (most === null || own < most)) most = own;
  }
  return most;
}

/** The member that holds the inputs, where it is a list of more than numbers: those would be the tokens of one input. */
function memberOf(body: Buffer, { members }: BodyFacts, names: readonly string[]): string | null {
  for (let at = 0; at < members.length; at += PER_MEMBER) {
    const name = body.toString('latin1', members[at]! + 1, members[at + 1]! - 1);
    if (
      names.includes(name) &&
      /^\[\s*["[{]/.test(body.toString('latin1', members[at + 2], members[at + 2]! + 64))
    )
      return name;
  }
  return null;
}

function inputsIn(body: Buffer, list: string): Span[] {
  const inputs: Span[] = [];
  const reader = new MemberReader(body);
  reader.members(1, (key) => {
    if (key !== list) reader.value(1);
    else reader.items(2, () => inputs.push(reader.value(2)));
  });
  return inputs;
}

/** All else of the request, as the body of an object that is not closed yet; with the targets that its caller may use. */
function headOf({ body, facts, plan, principal }: Call, list: string): string {
  const { members } = facts!;
  // What is its caller's alone the parts know nothing of: they are asked for by the gateway.
  const narrowed =
    principal !== null &&
    (principal.permits !== null || principal.aliases !== null || principal.fallbacks !== null);
  const own = narrowed ? ['model', 'fallbacks', list] : ['model', list];
  const kept: string[] = [];
  for (let at = 0; at < members.length; at += PER_MEMBER) {
    const name = body!.toString('latin1', members[at]! + 1, members[at + 1]! - 1);
    if (!own.includes(name)) kept.push(body!.toString('utf8', members[at], members[at + 3]));
  }
  const { targets, name } = plan!;
  const [first, ...rest] = targets.map(({ label }) => label);
  kept.unshift(`"model":${JSON.stringify(narrowed ? first : name)}`);
  if (narrowed) kept.push(`"fallbacks":${JSON.stringify(rest.slice(0, MOST_FALLBACKS))}`);
  return `{${kept.join(',')}`;
}

function partOf(head: string, list: string, inputs: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${head},${JSON.stringify(list)}:[`), inputs, Buffer.from(']}')]);
}

class Parts implements Cancellable {
  readonly #deps: PartsDeps;
  readonly #call: Call;
  readonly #client: Dialect;
  readonly #head: string;
  readonly #parts: readonly Part[];
  readonly #answers: InnerAnswer[] = [];
  readonly #joining = new AbortController();
  #next = 0;
  #left: number;
  #over = false;
  #waitFrom = 0;

  constructor(deps: PartsDeps, call: Call, client: Dialect, head: string, parts: readonly Part[]) {
    this.#deps = deps;
    this.#call = call;
    this.#client = client;
    this.#head = head;
    this.#parts = parts;
    this.#left = parts.length;
  }

  start(): void {
    this.#call.begin(this);
    this.#waitFrom = this.#deps.now();
    while (this.#next < Math.min(AT_A_TIME, this.#parts.length)) this.#ask(this.#next++);
  }

  /** Those under way end with the call that they are parts of. */
  cancel(): void {
    this.#over = true;
    this.#joining.abort();
  }

  #ask(part: number): void {
    const call = this.#call;
    const { totalMs } = timeoutsFor(call, this.#target);
    const { answer } = this.#deps.inner.ask(call, {
      operation: 'embeddings',
      dialect: call.route.dialect,
      body: this.#parts[part]!.body,
      timeoutMs: totalMs > 0 ? totalMs : LONGEST_MS,
    });
    answer.then(
      (whole) => this.#answered(part, whole),
      (cause: unknown) => this.#failed(cause),
    );
  }

  get #target(): Target {
    return this.#call.plan!.targets[0]!;
  }

  #answered(part: number, answer: InnerAnswer): void {
    if (this.#over) return;
    this.#answers[part] = answer;
    this.#left--;
    if (this.#next < this.#parts.length) this.#ask(this.#next++);
    else if (this.#left === 0) this.#join();
  }

  #join(): void {
    const { offload, now, wall } = this.#deps;
    const call = this.#call;
    call.waitedMs += now() - this.#waitFrom;
    const [first] = this.#answers;
    call.provider = first!.call.provider;
    call.upstreamModel = first!.call.upstreamModel;
    const bodies = this.#answers.map(({ body }) => body);
    const counts = this.#parts.map(({ count }) => count);
    const bytes = bodies.reduce((sum, { length }) => sum + length, 0);
    const context: AnswerContext = {
      requestId: call.id,
      model: first!.call.upstreamModel,
      now: Math.floor(wall() / 1000),
      includeUsage: true,
      template: call.route.template,
      remembered: pairOf(this.#client, 'embeddings').remember?.(parseObject(`${this.#head}}`) ?? {}) ?? {},
    };
    if (offload !== null && bytes >= call.snapshot.config.server.offloadBytes) {
      offload.joinEmbeddings(bodies, counts, this.#client.name, context, this.#joining.signal).then(
        (joined) => this.#reply(joined),
        (cause: unknown) => this.#failed(cause),
      );
      return;
    }
    let joined: string;
    try {
      joined = joinEmbeddings(bodies, counts, this.#client, context);
    } catch (cause) {
      this.#failed(cause);
      return;
    }
    this.#reply(joined);
  }

  #reply(body: Buffer | string): void {
    if (this.#over) return;
    this.#over = true;
    const call = this.#call;
    call.finish(this);
    call.sink.reply(200, headersOf(this.#answers), body);
    // What it used stands with its parts.
    this.#deps.settle(call, { status: 200, error: null, facts: null });
  }

  #failed(cause: unknown): void {
    if (this.#over) return;
    this.#over = true;
    const call = this.#call;
    call.finish(this);
    this.#deps.refuse(call, asGatewayError(cause), null);
  }
}

/** What the last part said of limits is the newest; what is said of losses is the same in all. */
function headersOf(answers: readonly InnerAnswer[]): HeaderList {
  return [...answers.at(-1)!.headers, ['x-headgate-parts', String(answers.length)]];
}
