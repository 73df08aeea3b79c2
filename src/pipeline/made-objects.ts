// What an answer says was made is its caller's, noted before the client hears of it.
import type { Call } from '../contracts/call.ts';
import type { AnswerFacts } from '../contracts/chat.ts';
import type { ProviderConfig } from '../contracts/provider-config.ts';
import type { Delivery } from './answer/unary-answer.ts';

export interface MadeObjectsDeps {
  /** Notes whose the objects of a whole answer are, and leaves those of others out. */
  ownObjects(call: Call, provider: string, delivered: Delivery): Delivery | Promise<Delivery>;
}

export function noteMade(deps: MadeObjectsDeps, call: Call, provider: string, id: string): void {
  const made = { facts: null, contentType: 'application/json', body: JSON.stringify({ id }) };
  void deps.ownObjects(call, provider, made);
}

/** A chat completion that was to be kept (`store`), where its provider does so. */
export function noteStoredChat(
  deps: MadeObjectsDeps,
  call: Call,
  { name, endpoints }: ProviderConfig,
  facts: AnswerFacts | null,
): void {
  const { operation, route, translated } = call;
  if (call.facts?.store !== true || operation!.name !== 'chat' || route.dialect !== 'openai-chat') return;
  const keeps = endpoints === undefined || endpoints['stored-chat'] !== undefined;
  if (keeps && !translated && facts?.id) noteMade(deps, call, name, facts.id);
}
