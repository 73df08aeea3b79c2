// What is kept, read and put on the wire: to other workers and to Redis it goes as one JSON text.
import type { Json, JsonObject } from '../contracts/json.ts';
import type { Stored, StoredResponse } from '../contracts/responses.ts';
import { arrayAt, objectAt, parseObject, stringAt } from '../dialects/lenient.ts';
import { isObject } from '../dialects/read.ts';

/** Of an entry beside its texts: objects, strings' headers, its place in a map. */
const FRAME_BYTES = 400;

/** About the bytes that it takes in memory. */
export function sizeOf(value: Stored): number {
  if (value.kind === 'conversation')
    return (
      FRAME_BYTES + value.metadata.length + value.items.reduce((sum, { length }) => sum + length + 24, 0)
    );
  const events = value.events?.reduce((sum, { length }) => sum + length + 24, 0) ?? 0;
  return FRAME_BYTES + value.input.length + value.answer.length + value.chain.length * 80 + events;
}

/** The response as an object; null while there is none that can be read. */
export function answerOf({ answer }: StoredResponse): JsonObject | null {
  return responseIn(answer);
}

/** The response that a text is or, as the last event of a stream, holds. */
export function responseIn(answer: Buffer | string): JsonObject | null {
  const told = parseObject(answer.toString());
  if (told === null) return null;
  return stringAt(told, 'object') === 'response' ? told : objectAt(told, 'response');
}

/** The items that an answer consists of. */
export function outputOf(stored: StoredResponse): JsonObject[] {
  return arrayAt(answerOf(stored) ?? {}, 'output').filter(isObject);
}

export function inputOf(stored: StoredResponse): JsonObject[] {
  const items = JSON.parse(stored.input) as Json; // ours, or a client's that was inspected
  return Array.isArray(items) ? items.filter(isObject) : [];
}

/** For a wire: one text. */
export function packStored(value: Stored): string {
  return JSON.stringify(value.kind === 'response' ? { ...value, answer: value.answer.toString() } : value);
}

/** @returns null when it is none of ours, or somebody else's. */
export function unpackStored(text: string, owner: string, id: string): Stored | null {
  const value = parseObject(text);
  if (value === null || value['owner'] !== owner || value['id'] !== id) return null;
  // Only packStored writes them.
  return value as unknown as Stored;
}
