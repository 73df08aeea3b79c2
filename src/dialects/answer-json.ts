// A whole answer's JSON.
import { abridge } from '../body/abridge.ts';
import { parseLossless } from '../body/lossless.ts';
import { GatewayError } from '../contracts/errors.ts';
import type { Json, JsonObject } from '../contracts/json.ts';

/** Only read of an answer this large: what is short. */
const LARGE_BYTES = 1024 * 1024;

/** @throws GatewayError GW_UPSTREAM_BAD_OUTPUT when it is no JSON object. */
export function parseAnswer(body: Buffer, lossless: boolean): JsonObject {
  return parsed(body.toString('utf8'), lossless);
}

/** As parseAnswer, of an answer whose bytes go on as they are: long texts and lists of numbers may be missing. */
export function scanAnswer(body: Buffer): JsonObject {
  return parsed(body.length > LARGE_BYTES ? abridge(body) : body.toString('utf8'), false);
}

function parsed(text: string, lossless: boolean): JsonObject {
  let json: Json;
  try {
    json = lossless ? parseLossless(text, true) : (JSON.parse(text) as Json);
  } catch (cause) {
    throw new GatewayError('GW_UPSTREAM_BAD_OUTPUT', { cause });
  }
  if (json === null || typeof json !== 'object' || Array.isArray(json)) {
    throw new GatewayError('GW_UPSTREAM_BAD_OUTPUT');
  }
  return json as JsonObject;
}
