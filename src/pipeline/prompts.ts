// A completion of several prompts, or with several answers to each, for targets that are asked for a chat in its place: a call for each,
// whose answers are told as one.
import { parseLossless, stringifyJson } from '../body/lossless.ts';
import type { Call, Stage } from '../contracts/call.ts';
import type { DialectName } from '../contracts/dialect-name.ts';
import { GatewayError } from '../contracts/errors.ts';
import type { JsonObject } from '../contracts/json.ts';
import type { Target } from '../contracts/plan.ts';
import { joinCompletions, streamOf } from '../dialects/openai-chat/join-completions.ts';
import { numberOf, readInteger } from '../dialects/read.ts';
import type { InnerAnswer } from './inner-call.ts';
import { InnerParts, type InnerPartsDeps, namesForParts } from './inner-parts.ts';

/** Calls that one request may become: as many prompts as the clients of completions send at most, and some answers to each. */
export const MOST_CALLS = 64;
/** Chats whose answers to one question are told apart by number. */
const COUNTED: ReadonlySet<DialectName> = new Set(['openai-chat', 'gemini']);

export function createPrompts(deps: InnerPartsDeps): Stage {
  return (call) => {
    const { targets } = call.plan!;
    const chats = targets.filter(({ operation }) => operation !== 'completion');
    if (chats.length === 0) return 'continue';
    const body = parseLossless(call.body!.toString('utf8'), call.facts!.exoticNumbers) as JsonObject; // it was inspected
    const prompts = promptsIn(body);
    const wanted = numberOf(readInteger(body, 'n', '', 1) ?? 1);
    const copies = chats.every(isCounted) ? 1 : wanted;
    const count = (prompts?.length ?? 1) * copies;
    if (count <= 1) return 'continue';
    if (count > MOST_CALLS) return tooMany(copies > 1 ? 'n' : 'prompt');
    const parts = (prompts ?? [body['prompt']!]).flatMap((prompt) =>
      Array.from({ length: copies }, (_, copy) => partOf(call, body, prompt, copy, copies > 1)),
    );
    new Prompts(deps, call, parts).start();
    return 'taken';
  };
}

function isCounted({ dialect, operation }: Target): boolean {
  return operation === 'chat' && COUNTED.has(dialect.name);
}

/** Several texts; null = it is one, or none that could be asked. Tokens are for who has their tokenizer. */
function promptsIn({ prompt }: JsonObject): string[] | null {
  if (!Array.isArray(prompt) || prompt.length < 2) return null;
  const texts = prompt.filter((text) => typeof text === 'string');
  return texts.length === prompt.length ? texts : null;
}

function partOf(
  { plan, principal }: Call,
  body: JsonObject,
  prompt: JsonObject[string],
  copy: number,
  alone: boolean,
): Buffer {
  const { stream: _, stream_options: __, ...kept } = body;
  const { model, fallbacks } = namesForParts(plan!, principal);
  const part: JsonObject = { ...kept, model, prompt, ...(fallbacks !== null && { fallbacks }) };
  if (alone) {
    // As many as are wanted are the best of themselves; of more of them nobody could tell.
    if (part['best_of'] === part['n']) delete part['best_of'];
    delete part['n'];
    const seed = readInteger(body, 'seed', '');
    if (seed !== null && copy > 0) part['seed'] = numberOf(seed) + copy;
  }
  return Buffer.from(stringifyJson(part));
}

function tooMany(param: string): GatewayError {
  const message = `This model is asked with a call for each prompt and answer: a request may ask for ${MOST_CALLS} at most.`;
  return new GatewayError('GW_CLIENT_BAD_REQUEST', { message, param });
}

class Prompts extends InnerParts {
  constructor(deps: InnerPartsDeps, call: Call, bodies: readonly Buffer[]) {
    super(deps, call, 'completion', bodies);
  }

  protected override join(answers: readonly InnerAnswer[]): void {
    const { stream, facts } = this.call;
    let joined: JsonObject;
    try {
      joined = joinCompletions(answers.map(({ body }) => body));
    } catch (cause) {
      this.failed(cause);
      return;
    }
    if (stream) this.reply(streamOf(joined, facts!.includeUsage), true);
    else this.reply(JSON.stringify(joined));
  }
}
