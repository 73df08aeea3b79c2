// Amazon Bedrock adds its own counters to the last event of a stream, whatever dialect the model speaks, and to the head of a whole
// answer. Some gateways in front of it pass them on and leave the dialect's own usage at 0.
import type { Usage } from '../contracts/chat.ts';
import type { JsonObject } from '../contracts/json.ts';
import type { UpstreamHeaders } from '../contracts/upstream.ts';
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

const HEAD = {
  input: 'x-amzn-bedrock-input-token-count',
  output: 'x-amzn-bedrock-output-token-count',
  cacheRead: 'x-amzn-bedrock-cache-read-input-token-count',
  cacheWrite: 'x-amzn-bedrock-cache-write-input-token-count',
} as const;

/** What the head of a whole answer says that it used; its input is without cache, too. Null: it says nothing. */
export function usageInHead(headers: UpstreamHeaders): Usage | null {
  const fresh = countIn(headers, HEAD.input);
  const output = countIn(headers, HEAD.output);
  if (fresh === null && output === null) return null;
  const cacheRead = countIn(headers, HEAD.cacheRead);
  const cacheWriteShort = countIn(headers, HEAD.cacheWrite);
  return {
    input: fresh === null ? null : fresh + (cacheRead ?? 0) + (cacheWriteShort ?? 0),
    cacheRead,
    cacheWriteShort,
    cacheWriteLong: null,
    // Vectors are no tokens: of them some heads say nothing.
    output: output ?? 0,
    reasoning: null,
  };
}

/** `usage` as the head of a whole answer tells clients of Bedrock's. */
export function headOfUsage({
  input,
  cacheRead,
  cacheWriteShort,
  cacheWriteLong,
  output,
}: Usage): [name: string, value: string][] {
  const written = (cacheWriteShort ?? 0) + (cacheWriteLong ?? 0);
  const head: [string, string][] = [];
  if (input !== null) head.push([HEAD.input, String(Math.max(0, input - (cacheRead ?? 0) - written))]);
  if (output !== null) head.push([HEAD.output, String(output)]);
  if (cacheRead !== null) head.push([HEAD.cacheRead, String(cacheRead)]);
  if (cacheWriteShort !== null || cacheWriteLong !== null) head.push([HEAD.cacheWrite, String(written)]);
  return head;
}

function countIn(headers: UpstreamHeaders, name: string): number | null {
  const value = headers[name];
  return typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : null;
}
