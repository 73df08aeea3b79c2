import { describe, expect, test } from 'vitest';
import { GatewayError } from '../contracts/errors.ts';
import type { JsonObject } from '../contracts/json.ts';
import {
  at,
  isObject,
  isRawNumber,
  needString,
  numberOf,
  readInteger,
  readNumber,
  readStrings,
} from './read.ts';

const raw = (text: string) =>
  (JSON as unknown as { rawJSON(text: string): { rawJSON: string } }).rawJSON(text);

function failure(run: () => unknown): GatewayError {
  try {
    run();
  } catch (error) {
    if (error instanceof GatewayError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('readers of client JSON', () => {
  test('a wrong type is a 400 that names the JSON path', () => {
    const path = at(at(at(at('messages', 2), 'content'), 0), 'image_url');
    const error = failure(() => needString({ url: 5 }, 'url', path));
    expect(error.code).toBe('GW_CLIENT_BAD_REQUEST');
    expect(error.param).toBe('messages[2].content[0].image_url.url');
    expect(error.publicMessage).toContain('must be a string, but it is a number');
  });

  test('a list names the element at fault', () => {
    expect(failure(() => readStrings({ stop: ['a', null] }, 'stop', '')).param).toBe('stop[1]');
  });

  test('a number kept as written stays the same object and compares by value', () => {
    const body: JsonObject = { seed: raw('12345678901234567890') };
    const seed = readNumber(body, 'seed', '');
    expect(JSON.stringify({ seed })).toBe('{"seed":12345678901234567890}');
    expect(numberOf(raw('1.0'))).toBe(1);
  });

  test("a client's own object with a rawJSON member is an object, not a number", () => {
    const fake = JSON.parse('{"rawJSON":"1"}');
    expect(isRawNumber(fake)).toBe(false);
    expect(isObject(fake)).toBe(true);
    expect(isObject(raw('1'))).toBe(false);
  });

  test('an integer below its least value or with a fraction is refused', () => {
    expect(failure(() => readInteger({ n: -1 }, 'n', '')).param).toBe('n');
    expect(failure(() => readInteger({ n: 1.5 }, 'n', '')).param).toBe('n');
    expect(readInteger({ n: 0 }, 'n', '')).toBe(0);
    expect(readInteger({ n: null }, 'n', '')).toBe(null);
  });
});
