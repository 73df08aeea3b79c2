// JSON that is almost right: something else in one place or a few.
import fc from 'fast-check';
import { stringifyJson } from '../../../src/body/lossless.ts';
import type { Json } from '../../../src/contracts/json.ts';
import { isObject } from '../../../src/dialects/read.ts';

type Damage = (value: Json) => Json;

/** Put in every place of every sample, one after the other. */
const ODD: readonly Json[] = [null, true, -1, '', 'x', [], [null], {}, { type: 'x' }, [{ type: 'x' }]];

// fast-check's values are those of JSON.
const odd: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom<Json>(...ODD, 1e21, '\ud800'),
  fc.jsonValue({ maxDepth: 2 }).map((value) => value as Json),
);

/** @param names of members that samples have: some mean something in other places too. */
function damage(names: readonly string[]): fc.Arbitrary<Damage> {
  return fc.oneof(
    odd.map((other) => () => other),
    fc.tuple(fc.constantFrom(...names), odd).map(
      ([name, other]): Damage =>
        (value) =>
          isObject(value) ? { ...value, [name]: other } : { [name]: value },
    ),
    fc.constant<Damage>((value) => (Array.isArray(value) ? [...value, ...value] : [value])),
    fc.constant<Damage>((value) => (Array.isArray(value) ? (value[0] ?? null) : stringifyJson(value))),
  );
}

function namesIn(value: Json): string[] {
  if (Array.isArray(value)) return value.flatMap(namesIn);
  if (!isObject(value)) return [];
  return [...Object.keys(value), ...Object.values(value).flatMap((item) => namesIn(item ?? null))];
}

/** Places in a value, itself the first. */
function placesIn(value: Json): number {
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + placesIn(item), 1);
  if (!isObject(value)) return 1;
  return Object.values(value).reduce<number>((sum, item) => sum + placesIn(item ?? null), 1);
}

/** The value with its `place`-th part damaged, counted as placesIn does. */
function damagedAt(value: Json, place: number, damaged: Damage): Json {
  let left = place;
  const walk = (part: Json): Json => {
    if (left-- === 0) return damaged(part);
    if (Array.isArray(part)) return part.map(walk);
    if (!isObject(part)) return part;
    return Object.fromEntries(Object.entries(part).map(([name, item]) => [name, walk(item ?? null)]));
  };
  return walk(value);
}

/** The sample with each odd value in each place, and with each of its names where the sample has it not. */
export function* everywhere(sample: Json): Generator<Json> {
  const names = [...new Set(namesIn(sample))];
  const places = placesIn(sample);
  for (let place = 0; place < places; place++) {
    for (const other of ODD) yield damagedAt(sample, place, () => other);
    for (const name of names) {
      yield damagedAt(sample, place, (value) => (isObject(value) ? { [name]: 1, ...value } : value));
    }
  }
}

/** A sample with up to three parts damaged. */
export function almost(samples: readonly Json[]): fc.Arbitrary<Json> {
  const names = [...new Set(samples.flatMap(namesIn))];
  const hits = fc.array(fc.tuple(fc.nat(), damage(names)), { minLength: 1, maxLength: 3 });
  return fc
    .tuple(fc.constantFrom(...samples), hits)
    .map(([sample, all]) =>
      all.reduce<Json>((value, [pick, damaged]) => damagedAt(value, pick % placesIn(value), damaged), sample),
    );
}
