// A whole answer from one dialect to another, of an operation that has one request and one answer. Pure; runs inline or,
// since two thousand vectors are tens of megabytes, in a thread.
import type { Asked, ToolMemory } from '../contracts/body.ts';
import type { AnswerFacts, ChatAnswer, Usage } from '../contracts/chat.ts';
import type { AnswerContext, Dialect } from '../contracts/dialect.ts';
import { parseAnswer } from './answer-json.ts';
import { restoreAnswer, turnsBack } from './tool-memory.ts';
import { pairOf } from './translate.ts';

/**
 * @param tools what the request's translation changed of its tools; null = nothing.
 * @throws GatewayError when it is no answer: broken JSON, or an error behind a 200.
 */
export function translateAnswer(
  body: Buffer,
  from: Dialect,
  to: Dialect,
  { asked, sent }: Asked,
  context: AnswerContext,
  tools: ToolMemory | null,
): { facts: AnswerFacts; text: string } {
  const upstream = pairOf(from, sent);
  const json = parseAnswer(body, sent === 'chat');
  const facts = upstream.readAnswer(json);
  const decoded = upstream.decodeAnswer(json, tools);
  if (context.told !== undefined && facts.usage === null) {
    facts.usage = context.told;
    (decoded as { usage: Usage | null }).usage ??= context.told; // every neutral answer says what it used
  }
  const turned = sent === 'chat' && tools !== null && turnsBack(tools);
  // Of a chat, whoever asked.
  const answer = turned ? restoreAnswer(decoded as ChatAnswer, tools) : decoded;
  return { facts, text: pairOf(to, asked).encodeAnswer(answer, context) };
}
