// Prompt tokens of a raw request body in its model's own tokens: what a thread does, and the worker itself without threads.
import type { DialectName } from '../contracts/dialect.ts';
import type { JsonObject } from '../contracts/json.ts';
import { ratioFor } from './model-ratio.ts';
import { countPromptTokens } from './prompt.ts';
import { loadTokenizer } from './tokenizer.ts';

/** @param body an inspected body. @param model name at the upstream: it decides the ratio to the one encoding we load. */
export async function countBody(body: Buffer, dialect: DialectName, model: string): Promise<number> {
  const tokenizer = await loadTokenizer();
  const request = JSON.parse(body.toString('utf8')) as JsonObject;
  return Math.ceil(countPromptTokens(request, dialect, tokenizer) * ratioFor(model).ratio);
}
