// What a provider says of a batch that is over, where it says all that was used: OpenAI in `usage`, Cohere in the batch itself, Google
// with the answers themselves. Pure.
import type { Dialect } from '../../contracts/dialect.ts';
import type { DialectName } from '../../contracts/dialect-name.ts';
import type { Json, JsonObject } from '../../contracts/json.ts';
import type { CodedOperationName } from '../../contracts/operation.ts';
import { numberAt, objectAt, stringAt } from '../../dialects/lenient.ts';
import { isObject } from '../../dialects/read.ts';
import { answerResult, type BatchResult } from './batch-result.ts';
import { countAt } from './job-object.ts';

export interface BatchUse {
  /** Of what is charged once: the file of its results, or the batch itself. */
  readonly id: string;
  readonly results: readonly BatchResult[];
  /** Calls that the first of them is the sum of, where it is one. */
  readonly requests: number;
}

/** In OpenAI's words, and in Mistral's and Cohere's, which are written in capitals. */
const OVER: ReadonlySet<string> = new Set([
  'completed',
  'expired',
  'cancelled',
  'failed',
  'SUCCESS',
  'TIMEOUT_EXCEEDED',
  'CANCELLED',
  'FAILED',
  'BATCH_STATUS_COMPLETED',
  'BATCH_STATUS_FAILED',
  'BATCH_STATUS_CANCELED',
]);
const OPERATIONS: Readonly<Record<string, CodedOperationName>> = {
  '/v1/embeddings': 'embeddings',
  '/v1/completions': 'completion',
};

/** Cohere's are told of in a member of an answer, and by words of their own. */
const COHERE = /^BATCH_STATUS_/;

/** The batch that an answer tells of: itself, or what it holds. */
export function batchIn(answer: JsonObject): JsonObject {
  const held = objectAt(answer, 'batch');
  return held !== null && isCohere(held) ? held : answer;
}

export function isCohere(object: JsonObject): boolean {
  return COHERE.test(stringAt(object, 'status') ?? '');
}

/** Whether nothing of it is still to come, as its provider says it. */
export function isBatchOver(object: JsonObject): boolean {
  if (object['object'] === 'batch' || isCohere(object)) return OVER.has(String(object['status']));
  return object['processing_status'] === 'ended' || object['done'] === true;
}

/** Null: it is no batch, or not over, or says nothing of what was used. */
export function batchUse(object: JsonObject, dialects: (name: DialectName) => Dialect): BatchUse | null {
  if (object['object'] === 'batch') return ofOpenai(object);
  if (isCohere(object)) return ofCohere(object);
  const inlined = objectAt(objectAt(object, 'response') ?? {}, 'inlinedResponses');
  const list: Json | undefined =
    inlined?.['inlinedResponses'] ?? objectAt(object, 'response')?.['inlinedResponses'];
  const id = stringAt(object, 'name');
  if (id === null || object['done'] !== true || !Array.isArray(list)) return null;
  const results = list.flatMap((one): BatchResult[] => {
    const answer = isObject(one) ? objectAt(one, 'response') : null;
    if (answer === null) return [];
    try {
      const result = answerResult(answer, dialects);
      return result === null ? [] : [result];
    } catch {
      return [];
    }
  });
  return { id, results, requests: 1 };
}

/** Its counts are texts. */
function ofCohere(batch: JsonObject): BatchUse | null {
  const [id, model] = [stringAt(batch, 'id'), stringAt(batch, 'model')];
  if (id === null || model === null || !isBatchOver(batch)) return null;
  const [input, output] = [countAt(batch, 'input_tokens'), countAt(batch, 'output_tokens')];
  if ((input ?? 0) + (output ?? 0) === 0) return null;
  const usage = { input, output: output ?? 0, cacheRead: null, cacheWriteShort: null, cacheWriteLong: null };
  const operation = output === null || output === 0 ? 'embeddings' : 'chat';
  return {
    id,
    requests: Math.max(1, numberAt(batch, 'num_successful_records') ?? 1),
    results: [{ operation, model, usage: { ...usage, reasoning: null } }],
  };
}

function ofOpenai(batch: JsonObject): BatchUse | null {
  const usage = objectAt(batch, 'usage');
  const model = stringAt(batch, 'model');
  const id = stringAt(batch, 'output_file_id') ?? stringAt(batch, 'id');
  if (usage === null || model === null || id === null || !OVER.has(String(batch['status']))) return null;
  const [input, output] = [numberAt(usage, 'input_tokens'), numberAt(usage, 'output_tokens')];
  // Older ones say 0 and mean that they do not say.
  if ((input ?? 0) + (output ?? 0) === 0) return null;
  return {
    id,
    requests: Math.max(1, numberAt(objectAt(batch, 'request_counts') ?? {}, 'completed') ?? 1),
    results: [
      {
        operation: OPERATIONS[stringAt(batch, 'endpoint') ?? ''] ?? 'chat',
        model,
        usage: {
          input,
          output,
          cacheRead: numberAt(objectAt(usage, 'input_tokens_details') ?? {}, 'cached_tokens'),
          cacheWriteShort: null,
          cacheWriteLong: null,
          reasoning: numberAt(objectAt(usage, 'output_tokens_details') ?? {}, 'reasoning_tokens'),
        },
      },
    ],
  };
}
