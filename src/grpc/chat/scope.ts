// What a mapping finds in a chat: the names its `{{paths}}` begin with.
import type { Json, JsonObject } from '../../contracts/json.ts';
import type { GrpcConfig } from '../../contracts/grpc-provider.ts';
import { type ChatAsk, maxTokensOf, numberIn, stopsOf } from './ask.ts';
import { promptOf } from './prompt.ts';

export const SCOPE_NAMES = [
  'id',
  'model',
  'prompt',
  'system',
  'last',
  'messages',
  'max_tokens',
  'temperature',
  'top_p',
  'top_k',
  'min_p',
  'seed',
  'frequency_penalty',
  'presence_penalty',
  'repetition_penalty',
  'stop',
  'stream',
  'user',
  'response_format',
  'tools',
  'tool_choice',
  'metadata',
  'sampling',
] as const;

const NUMBERS = [
  'temperature',
  'top_p',
  'top_k',
  'min_p',
  'seed',
  'frequency_penalty',
  'presence_penalty',
  'repetition_penalty',
] as const;
/** Handed on as the client wrote them. */
const AS_WRITTEN = ['user', 'response_format', 'tools', 'tool_choice', 'metadata'] as const;

export function scopeOf(ask: ChatAsk, prompt: GrpcConfig['prompt']): JsonObject {
  const { id, model, stream, messages, body } = ask;
  const sampling: JsonObject = {};
  const maxTokens = maxTokensOf(ask);
  if (maxTokens !== null) sampling['max_tokens'] = maxTokens;
  for (const name of NUMBERS) {
    const value = numberIn(ask, name);
    if (value !== null) sampling[name] = value;
  }
  const stops = stopsOf(ask);
  if (stops.length > 0) sampling['stop'] = stops;
  const scope: JsonObject = {
    ...sampling,
    id,
    model,
    stream,
    prompt: promptOf(messages, prompt),
    system: textsOf(ask, 'system'),
    last: messages.findLast(({ role }) => role === 'user')?.text ?? '',
    messages: messages.map(({ role, text }): JsonObject => ({ role, content: text })),
    sampling,
  };
  for (const name of AS_WRITTEN) if (body[name] !== undefined) scope[name] = body[name];
  return scope;
}

function textsOf({ messages }: ChatAsk, wanted: string): string | null {
  const texts = messages.filter(({ role }) => role === wanted).map(({ text }) => text);
  return texts.length === 0 ? null : texts.join('\n\n');
}

/** Names of a chat that a template uses by itself, so that a request which has them is not refused. */
export function takenBy(template: Json): ReadonlySet<string> {
  const found = JSON.stringify(template).matchAll(/\{\{\s*(\w+)/g);
  return new Set([...found].map(([, name]) => name!));
}
