// Amazon Bedrock adds its own counters to the last event of a stream, whatever dialect the model speaks. Some gateways in
// front of it pass them on and leave the dialect's own usage at 0.
import type { Usage } from '../contracts/chat.ts';
import type { JsonObject } from '../contracts/json.ts';
import { numberAt, objectAt } from './lenient.ts';

const KEY = 'amazon-bedrock-invocationMetrics';

/** Whether JSON text may hold metrics. */
export function hasBedrockMetrics(text: string): boolean {
  return text.includes(`"${KEY}"`);
}

/** The member that tells a client of Bedrock's of `usage`, as JSON text. What took how long we do not know. */
export function metricsOf({ input, cacheRead, cacheWriteShort, cacheWriteLong, output }: Usage): string {
  const written = (cacheWriteShort ?? 0) + (cacheWriteLong ?? 0);
  const metrics = {
    inputTokenCount: Math.max(0, (input ?? 0) - (cacheRead ?? 0) - written),
    outputTokenCount: output ?? 0,
    ...(cacheRead === null ? {} : { cacheReadInputTokenCount: cacheRead }),
    ...(cacheWriteShort === null && cacheWriteLong === null ? {} : { cacheWriteInputTokenCount: written }),
  };
  return `"${KEY}":${JSON.stringify(metrics)}`;
}

/** Tokens as Bedrock counted them; its input is without cache. Null: the event carries no metrics. */
export function bedrockUsage(event: JsonObject): Usage | null {
  if (event[KEY] === undefined) return null;
  const metrics = objectAt(event, KEY);
  if (metrics === null) return null;
  const fresh = numberAt(metrics, 'inputTokenCount');
  const cacheRead = numberAt(metrics, 'cacheReadInputTokenCount');
  const cacheWriteShort = numberAt(metrics, 'cacheWriteInputTokenCount');
  return {
    input: fresh === null ? null : fresh + (cacheRead ?? 0) + (cacheWriteShort ?? 0),
    cacheRead,
    cacheWriteShort,
    cacheWriteLong: null,
    output: numberAt(metrics, 'outputTokenCount'),
    reasoning: null,
  };
}
