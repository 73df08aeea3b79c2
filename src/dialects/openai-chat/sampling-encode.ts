// Sampling, limits of length and stop sequences, as far as the model takes them. What only repeats a default is left out
// without a word where it would be refused.
import type { ChatRequest, Num } from '../../contracts/chat.ts';
import type { JsonObject } from '../../contracts/json.ts';
import type { EncodeScope } from '../encode-scope.ts';
import { numberOf } from '../read.ts';
import { shareStops } from '../stop-share.ts';

const MOST_STOPS = 4;

/**
 * Writes the members into `body`.
 *
 * @param effort What goes out as `reasoning_effort`.
 * @returns stop sequences that the target does not take.
 */
export function encodeSampling(
  request: ChatRequest,
  effort: string | null,
  body: JsonObject,
  scope: EncodeScope,
): string[] {
  writeLimit(request, body, scope);
  const { target, losses } = scope;
  const { sampling, refuses, renames } = target.capabilities;
  const free = sampling === 'all' || sampling === 'one' || (sampling === 'unreasoned' && effort === 'none');
  const hot = sampling === 'one' && request.temperature !== null && numberOf(request.temperature) !== 1;
  const put = (name: string, value: Num | null, normal: number | null): void => {
    if (value === null) return;
    const plain = normal !== null && numberOf(value) === normal;
    const taken = name === 'top_p' ? free && !hot : free;
    if (taken && !refuses.includes(name)) body[renames[name] ?? name] = value;
    else if (!plain) losses.drop(name);
  };
  put('temperature', request.temperature, 1);
  put('top_p', request.topP, 1);
  put('frequency_penalty', request.frequencyPenalty, 0);
  put('presence_penalty', request.presencePenalty, 0);
  if (request.topK !== null) losses.drop('top_k');
  if (request.seed !== null) {
    if (refuses.includes('seed')) losses.drop('seed');
    else body[renames['seed'] ?? 'seed'] = request.seed;
  }
  return writeStops(request, body, scope);
}

function writeLimit({ maxTokens }: ChatRequest, body: JsonObject, { target, losses }: EncodeScope): void {
  if (maxTokens === null) return;
  const { maxTokensField, maxTokensCap } = target.capabilities;
  const either = target.legacyMaxTokens ? 'max_tokens' : 'max_completion_tokens';
  const over = maxTokensCap !== null && numberOf(maxTokens) > maxTokensCap;
  if (over) losses.adapt('max_tokens');
  body[maxTokensField === 'either' ? either : maxTokensField] = over ? maxTokensCap : maxTokens;
}

function writeStops({ stop }: ChatRequest, body: JsonObject, { target, losses }: EncodeScope): string[] {
  const { stops } = target.capabilities;
  const most = stops ?? (target.legacyMaxTokens ? Number.POSITIVE_INFINITY : MOST_STOPS);
  const { sent, cut } = shareStops(stop, most, 'stop_sequences', losses);
  if (sent.length > 0) body['stop'] = sent;
  return cut;
}
