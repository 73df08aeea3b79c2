// faults.md has it as C12: names that mean something to JavaScript, anywhere in what a stranger sends. Whoever reads it changes no
// prototype, takes nothing from one, and hands the name on as the data that it is or not at all.
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { inspectBody } from '../../src/body/inspect.ts';
import { parseLossless, stringifyJson } from '../../src/body/lossless.ts';
import { applyEdits } from '../../src/body/splice.ts';
import type { Dialect } from '../../src/contracts/dialect.ts';
import { GatewayError } from '../../src/contracts/errors.ts';
import type { Json, JsonObject } from '../../src/contracts/json.ts';
import { isObject } from '../../src/dialects/read.ts';
import { all, samples } from '../conformance/registry.ts';
import { targetOf } from '../conformance/dialect/target.ts';
import { CONTEXT } from '../conformance/dialect/wire.ts';

const MARK = 'polluted';
/** JSON text, since an object literal would set its prototype. */
const BAITS = [
  `"__proto__":{"${MARK}":true}`,
  `"constructor":{"prototype":{"${MARK}":true}}`,
  `"prototype":{"${MARK}":true}`,
  `"__proto__":null`,
  `"toString":"${MARK}","hasOwnProperty":"${MARK}","valueOf":1`,
  `"__defineGetter__":1,"__lookupSetter__":"${MARK}"`,
];
const known = new Map([Object, Array, Function, String, Number].map((one) => [one, namesOf(one)]));

function namesOf(one: { prototype: object }): string {
  return JSON.stringify(Object.getOwnPropertyNames(one.prototype).toSorted());
}

afterEach(() => {
  for (const [one, names] of known) expect(namesOf(one)).toBe(names);
  expect(MARK in {}).toBe(false);
  expect(MARK in []).toBe(false);
});

function attempt<T>(run: () => T): T | null {
  try {
    return run();
  } catch (error) {
    if (error instanceof GatewayError) return null;
    throw error;
  }
}

/** The JSON text of `value` with `bait` as the first members of its object number `at`. */
function baited(value: Json, bait: string, at: number): string {
  const text = stringifyJson(value);
  const places = [...text.matchAll(/\{(?=["}])/g)].filter(({ index }) => !insideText(text, index));
  const { index } = places[at % places.length]!;
  const rest = text.slice(index + 1);
  return `${text.slice(0, index + 1)}${bait}${rest.startsWith('}') ? '' : ','}${rest}`;
}

function insideText(text: string, at: number): boolean {
  let inside = false;
  for (let i = 0; i < at; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === '"') inside = !inside;
  }
  return inside;
}

const spots = (from: Readonly<Record<string, Json>>) =>
  fc.tuple(fc.constantFrom(...Object.values(from)), fc.constantFrom(...BAITS), fc.nat(60));

describe.each(all.map((dialect): [string, Dialect] => [dialect.name, dialect]))('%s', (name, dialect) => {
  const sample = samples[name]!;

  test('C12: requests', () => {
    fc.assert(
      fc.property(spots(sample.requests), ([body, bait, at]) => {
        const bytes = Buffer.from(baited(body, bait, at));
        const facts = attempt(() => inspectBody(bytes));
        if (facts !== null)
          applyEdits(bytes, attempt(() => dialect.chat.splice(facts, targetOf(dialect))) ?? []);
        const request = attempt(() =>
          dialect.chat.decodeRequest(asObject(parseLossless(bytes.toString(), true))),
        );
        expect(MARK in {}).toBe(false);
        if (request === null) return;
        expect(inherits(request)).toBe(false);
        for (const other of all) attempt(() => other.chat.encodeRequest(request, targetOf(other)));
        expect(MARK in {}).toBe(false);
      }),
      { numRuns: 400 },
    );
  });

  test('C12: answers', () => {
    fc.assert(
      fc.property(spots(sample.answers), ([body, bait, at]) => {
        const answer = attempt(() =>
          dialect.chat.decodeAnswer(asObject(parseLossless(baited(body, bait, at), true))),
        );
        expect(MARK in {}).toBe(false);
        if (answer === null) return;
        expect(inherits(answer)).toBe(false);
        for (const other of all) attempt(() => other.chat.encodeAnswer(answer, CONTEXT));
        expect(MARK in {}).toBe(false);
      }),
      { numRuns: 400 },
    );
  });
});

function asObject(value: Json): JsonObject {
  if (!isObject(value)) throw new Error('a sample is no object');
  return value;
}

/** Whether anything in it has a member by its prototype that a stranger put there. */
function inherits(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (!Object.hasOwn(value, MARK) && MARK in value) return true;
  return Object.values(value).some(inherits);
}
