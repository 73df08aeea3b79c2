// A request for embeddings with more inputs than its targets take in one: several calls, each with as many as they take, whose
// answers go to the client as one. Each of them is limited, counted and charged on its own.
import type { AnswerContext } from '../contracts/answer-context.ts';
import type { BodyFacts, Span } from '../contracts/body.ts';
import type { Call, Stage } from '../contracts/call.ts';
import type { Dialect } from '../contracts/dialect.ts';
import type { Plan } from '../contracts/plan.ts';
import type { Offload } from '../contracts/ports.ts';
import { PER_MEMBER } from '../body/member-edits.ts';
import { MemberReader } from '../body/member-reader.ts';
import { joinEmbeddings } from '../dialects/join-embeddings.ts';
import { parseObject } from '../dialects/lenient.ts';
import { pairOf } from '../dialects/translate.ts';
import type { InnerAnswer } from './inner-call.ts';
import { InnerParts, type InnerPartsDeps, namesForParts } from './inner-parts.ts';

interface Part {
  body: Buffer;
  /** Inputs in it. */
  count: number;
}

export interface PartsDeps extends InnerPartsDeps {
  offload: Offload | null;
  dialect(name: Dialect['name']): Dialect;
  /** ms since 1970. */
  wall(): number;
}

/** The shortest input is `"",`. */
const MIN_INPUT_BYTES = 3;

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
  const { model, fallbacks } = namesForParts(plan!, principal);
  const own = fallbacks === null ? ['model', list] : ['model', 'fallbacks', list];
  const kept: string[] = [];
  for (let at = 0; at < members.length; at += PER_MEMBER) {
    const name = body!.toString('latin1', members[at]! + 1, members[at + 1]! - 1);
    if (!own.includes(name)) kept.push(body!.toString('utf8', members[at], members[at + 3]));
  }
  kept.unshift(`"model":${JSON.stringify(model)}`);
  if (fallbacks !== null) kept.push(`"fallbacks":${JSON.stringify(fallbacks)}`);
  return `{${kept.join(',')}`;
}

function partOf(head: string, list: string, inputs: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${head},${JSON.stringify(list)}:[`), inputs, Buffer.from(']}')]);
}

class Parts extends InnerParts {
  readonly #deps: PartsDeps;
  readonly #client: Dialect;
  readonly #head: string;
  readonly #parts: readonly Part[];
  readonly #joining = new AbortController();

  constructor(deps: PartsDeps, call: Call, client: Dialect, head: string, parts: readonly Part[]) {
    super(
      deps,
      call,
      'embeddings',
      parts.map(({ body }) => body),
    );
    this.#deps = deps;
    this.#client = client;
    this.#head = head;
    this.#parts = parts;
  }

  override cancel(): void {
    super.cancel();
    this.#joining.abort();
  }

  protected override join(answers: readonly InnerAnswer[]): void {
    const { offload, wall } = this.#deps;
    const { call } = this;
    const bodies = answers.map(({ body }) => body);
    const counts = this.#parts.map(({ count }) => count);
    const bytes = bodies.reduce((sum, { length }) => sum + length, 0);
    const context: AnswerContext = {
      requestId: call.id,
      model: call.upstreamModel,
      now: Math.floor(wall() / 1000),
      includeUsage: true,
      template: call.route.template,
      remembered: pairOf(this.#client, 'embeddings').remember?.(parseObject(`${this.#head}}`) ?? {}) ?? {},
    };
    if (offload !== null && bytes >= call.snapshot.config.server.offloadBytes) {
      offload.joinEmbeddings(bodies, counts, this.#client.name, context, this.#joining.signal).then(
        (joined) => this.reply(joined),
        (cause: unknown) => this.failed(cause),
      );
      return;
    }
    let joined: string;
    try {
      joined = joinEmbeddings(bodies, counts, this.#client, context);
    } catch (cause) {
      this.failed(cause);
      return;
    }
    this.reply(joined);
  }
}
