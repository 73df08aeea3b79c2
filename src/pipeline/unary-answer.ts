// A whole answer: checked, read for usage, and turned into the client's dialect where that differs.

import { parseLossless } from '../body/lossless.ts';
import type { Call } from '../contracts/call.ts';
import type { AnswerFacts } from '../contracts/chat.ts';
import type { Dialect } from '../contracts/dialect.ts';
import { GatewayError } from '../contracts/errors.ts';
import type { Json, JsonObject } from '../contracts/json.ts';
import type { Target } from '../contracts/plan.ts';

/**
 * @param wall ms since 1970.
 * @returns the bytes for the client: the upstream's own in the same dialect.
 * @throws GatewayError when it is no answer: broken JSON, or an error behind a 200.
 */
export function deliverAnswer(
  call: Call,
  client: Dialect,
  target: Target,
  body: Buffer,
  wall: number,
): { facts: AnswerFacts | null; body: Buffer | string } {
  const json = parseAnswer(body, call.translated);
  if (call.route.kind === 'count_tokens') return { facts: null, body };
  if (!call.translated) return { facts: client.readAnswer(json), body };
  const facts = target.dialect.readAnswer(json);
  const answer = target.dialect.decodeAnswer(json);
  return {
    facts,
    body: client.encodeAnswer(answer, {
      requestId: call.id,
      model: target.model,
      now: Math.floor(wall / 1000),
      includeUsage: true,
    }),
  };
}

function parseAnswer(body: Buffer, lossless: boolean): JsonObject {
  let json: Json;
  try {
    const text = body.toString('utf8');
    json = lossless ? parseLossless(text, true) : (JSON.parse(text) as Json);
  } catch (cause) {
    throw new GatewayError('GW_UPSTREAM_BAD_OUTPUT', { cause });
  }
  if (json === null || typeof json !== 'object' || Array.isArray(json)) {
    throw new GatewayError('GW_UPSTREAM_BAD_OUTPUT');
  }
  return json as JsonObject;
}
