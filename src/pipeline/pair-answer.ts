// A whole answer of an operation that never streams: read for what it used, and written anew where the dialects differ. Large
// ones, such as two thousand vectors, are written in a thread.
import type { ToolMemory } from '../contracts/body.ts';
import type { Call } from '../contracts/call.ts';
import type { AnswerFacts, Usage } from '../contracts/chat.ts';
import type { Dialect } from '../contracts/dialect.ts';
import type { Target } from '../contracts/plan.ts';
import type { Offload } from '../contracts/ports.ts';
import { parseAnswer, scanAnswer } from '../dialects/answer-json.ts';
import { badOutput } from '../dialects/bad-output.ts';
import { translateAnswer } from '../dialects/translate-answer.ts';
import { pairOf } from '../dialects/translate.ts';
import { habitsOf } from './answer/client-habits.ts';
import { answerContext } from './answer/open-relay.ts';
import { askedOf } from './translate-body.ts';
import type { Delivery } from './answer/unary-answer.ts';

const contentType = 'application/json';
const LIST = 0x5b;

/**
 * @param wallMs ms since 1970. @param signal gives up what waits for a thread. @param told what its head says that it used.
 * @throws GatewayError (or rejects with it) when it is no answer: broken JSON, or an error behind a 200.
 */
export function deliverPair(
  call: Call,
  client: Dialect,
  { target, tools, translated }: { target: Target; tools: ToolMemory | null; translated: boolean },
  body: Buffer,
  wallMs: number,
  offload: Offload | null,
  signal: AbortSignal,
  told: Usage | null = null,
): Delivery | Promise<Delivery> {
  if (call.operation!.estimated && translated)
    return { facts: null, contentType, body: countOf(client, target, body) };
  const codec = pairOf(target.dialect, target.operation);
  const { bareList } = codec;
  const bare = bareList !== undefined && body[0] === LIST;
  const otherForm = !translated && codec.misshapen?.(call.body!, body) === true && !readsAnyForm(call);
  const misshapen = otherForm || (!translated && lacksId(call, body));
  if (bare) body = Buffer.concat([Buffer.from(`{"${bareList}":`), body, Buffer.from('}')]);
  else if (!translated && !misshapen) return { facts: factsOf(call, client, body), contentType, body };
  const asked = askedOf(call, target);
  const context = answerContext(call, target, wallMs, tools);
  if (told !== null) context.told = told;
  if (misshapen) context.remembered = codec.remember!(scanAnswer(call.body!));
  if (offload === null || body.length < call.snapshot.config.server.offloadBytes) {
    const { facts, text } = translateAnswer(body, target.dialect, client, asked, context, tools);
    return { facts, contentType, body: text };
  }
  return offload
    .translateAnswer(body, target.dialect.name, client.name, asked, context, tools, signal)
    .then(({ facts, body: made }) => ({ facts, contentType, body: made }));
}

/** Of vectors, for a client that refuses those without one. */
function lacksId(call: Call, body: Buffer): boolean {
  if (call.operation!.name !== 'embeddings' || habitsOf(call)?.vectorsId !== true) return false;
  return !body.includes('"id"');
}

/** OpenAI's client for Python asks for base64 and reads numbers too; where it checks what it gets it takes nothing else. */
function readsAnyForm({ head: { headers } }: Call): boolean {
  return headers.get('x-stainless-lang') === 'python';
}

/** @throws GatewayError: it is looked at first whether it is a count. */
function countOf(client: Dialect, { dialect }: Target, body: Buffer): string {
  const tokens = dialect['token-count']?.readAnswer(parseAnswer(body, false)) ?? null;
  if (tokens === null) throw badOutput('The answer has no count.');
  return client['token-count']!.encodeAnswer(tokens);
}

function factsOf({ operation }: Call, client: Dialect, body: Buffer): AnswerFacts | null {
  const json = scanAnswer(body);
  // A count is no use of anything.
  return operation!.estimated ? null : pairOf(client, operation!.name).readAnswer(json);
}
