// The ways vectors are written: as numbers, as base64 of 32-bit floats, little-endian, and (Perplexity) as base64 of signed bytes.
import type { Vector } from '../contracts/embedding.ts';
import type { Json } from '../contracts/json.ts';
import { badOutput } from './bad-output.ts';

const BYTES = 4;

/** As numbers. @throws GatewayError GW_UPSTREAM_BAD_OUTPUT when it is no vector. */
export function floatsOf(vector: Vector): Json[] {
  if (typeof vector !== 'string') return vector;
  const bytes = Buffer.from(vector, 'base64');
  if (bytes.length === 0 || bytes.length % BYTES !== 0) throw badOutput('An embedding is no list of floats.');
  const floats = new Array<Json>(bytes.length / BYTES);
  for (let at = 0; at < floats.length; at++) floats[at] = bytes.readFloatLE(at * BYTES);
  return floats;
}

/** As base64. */
export function base64Of(vector: Vector): string {
  if (typeof vector === 'string') return vector;
  const bytes = Buffer.allocUnsafe(vector.length * BYTES);
  for (let at = 0; at < vector.length; at++) bytes.writeFloatLE(Number(vector[at]), at * BYTES);
  return bytes.toString('base64');
}

/** An upstream's vector, checked. @throws GatewayError GW_UPSTREAM_BAD_OUTPUT when it is none. */
export function vectorOf(value: Json | undefined): Vector {
  if (typeof value === 'string' && value !== '') return value;
  if (Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'number'))
    return value;
  throw badOutput('An embedding is missing or no list of numbers.');
}

/** Base64 of signed bytes as numbers. @throws GatewayError GW_UPSTREAM_BAD_OUTPUT when there are none. */
export function signedBytesOf(value: Json | undefined): Vector {
  if (typeof value !== 'string') return vectorOf(value);
  const bytes = Buffer.from(value, 'base64');
  if (bytes.length === 0) throw badOutput('An embedding is missing or no list of numbers.');
  return Array.from(new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length));
}
