// What is almost right: a vendor's own JSON with something else in one place. Readers take it or refuse it with a
// GatewayError, and what they took can be written.
import fc from 'fast-check';
import { it } from 'vitest';
import { inspectBody } from '../../../src/body/inspect.ts';
import { stringifyJson } from '../../../src/body/lossless.ts';
import { applyEdits } from '../../../src/body/splice.ts';
import type { Delta } from '../../../src/contracts/chat.ts';
import type { Dialect } from '../../../src/contracts/dialect.ts';
import { GatewayError } from '../../../src/contracts/errors.ts';
import type { Json, JsonObject } from '../../../src/contracts/json.ts';
import { isObject } from '../../../src/dialects/read.ts';
import type { DialectSamples, SampleEvent } from './samples.ts';
import { stingyTarget, targetOf } from './target.ts';
import { CONTEXT, encodeAll, eventsOf, REQUEST_ID } from './wire.ts';

const RUNS = { numRuns: 600 };

type Damage = (value: Json) => Json;

const odd: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom<Json>(null, true, 0, -1, 1e21, '', 'x', '\ud800', [], [null], {}, { type: 'x' }, [[]]),
  // fast-check's values are those of JSON.
  fc.jsonValue({ maxDepth: 2 }).map((value) => value as Json),
);
const damage: fc.Arbitrary<Damage> = fc.oneof(
  odd.map((other) => () => other),
  fc.constant<Damage>((value) => [value]),
  fc.constant<Damage>((value) => (Array.isArray(value) ? [...value, ...value] : { value })),
  fc.constant<Damage>((value) => (Array.isArray(value) ? (value[0] ?? null) : stringifyJson(value))),
);

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

/** A sample with up to three parts damaged. */
function almost(samples: readonly Json[]): fc.Arbitrary<Json> {
  const hits = fc.array(fc.tuple(fc.nat(), damage), { minLength: 1, maxLength: 3 });
  return fc
    .tuple(fc.constantFrom(...samples), hits)
    .map(([sample, all]) =>
      all.reduce<Json>((value, [pick, damaged]) => damagedAt(value, pick % placesIn(value), damaged), sample),
    );
}

const almostObject = (samples: readonly Json[]): fc.Arbitrary<JsonObject> =>
  almost(samples).map((value) => (isObject(value) ? value : { value }));

/** What it returns, or null where it refuses. @throws what is no GatewayError. */
function attempt<T>(run: () => T): T | null {
  try {
    return run();
  } catch (error) {
    if (error instanceof GatewayError) return null;
    throw error;
  }
}

/** @param others all dialects that what was read may be written in. */
export function fuzzOf(dialect: Dialect, samples: DialectSamples, others: readonly Dialect[]): void {
  const { chat, errors } = dialect;

  it('reads any request or refuses it, and writes what it read', () => {
    fc.assert(
      fc.property(almostObject(Object.values(samples.requests)), (body) => {
        const request = attempt(() => chat.decodeRequest(body));
        if (request === null) return;
        for (const other of others) attempt(() => other.chat.encodeRequest(request, targetOf(other)));
      }),
      RUNS,
    );
  });

  it('edits any request or refuses it, and leaves JSON', () => {
    fc.assert(
      fc.property(almostObject(Object.values(samples.requests)), fc.boolean(), (made, fitting) => {
        const body = Buffer.from(stringifyJson(made));
        const facts = attempt(() => inspectBody(body));
        if (facts === null) return;
        const target = fitting ? stingyTarget(dialect, ['stream'], false) : targetOf(dialect);
        const ways = [
          () => chat.splice(facts, target),
          () => chat.fit?.(body, facts, target).edits,
          () => chat.mend?.(body, facts, target)?.edits,
        ];
        for (const way of ways) JSON.parse(applyEdits(body, attempt(way) ?? []).toString());
      }),
      RUNS,
    );
  });

  it('reads any answer or refuses it, and writes what it read', () => {
    fc.assert(
      fc.property(almostObject(Object.values(samples.answers)), (body) => {
        attempt(() => chat.readAnswer(body));
        const answer = attempt(() => chat.decodeAnswer(body));
        if (answer === null) return;
        for (const other of others) JSON.parse(other.chat.encodeAnswer(answer, CONTEXT));
      }),
      RUNS,
    );
  });

  it('reads any stream until it refuses, and writes what it read', () => {
    const streams = Object.values(samples.streams);
    const made = fc
      .constantFrom(...streams)
      .chain((sample) =>
        fc.tuple(fc.constant(sample), fc.nat(sample.length - 1), almost(sample.map(({ data }) => data))),
      );
    fc.assert(
      fc.property(made, ([sample, at, data]) => {
        const changed: SampleEvent[] = sample.with(at, { ...sample[at]!, data });
        const events = eventsOf(changed);
        const watcher = chat.createWatcher(CONTEXT);
        attempt(() => {
          for (const { event, data: text } of events) watcher.watch(event, text);
          watcher.closing();
        });
        const decoder = chat.createDecoder();
        const deltas: Delta[] = [];
        attempt(() => {
          for (const { event, data: text } of events) deltas.push(...decoder.decode(event, text));
          deltas.push(...decoder.finish());
        });
        for (const other of others) encodeAll(other, deltas);
      }),
      RUNS,
    );
  });

  it('reads any refusal, and tells it', () => {
    const bodies = fc.oneof(
      almost(Object.values(samples.errors).map(({ body }) => body)).map((body) =>
        Buffer.from(stringifyJson(body)),
      ),
      fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
    );
    fc.assert(
      fc.property(bodies, fc.integer({ min: 100, max: 999 }), (body, status) => {
        const fault = errors.decode(status, { 'retry-after': 'x' }, body);
        const error = new GatewayError('GW_UPSTREAM_ERROR', { fault, message: fault.message });
        for (const other of others) {
          const told = other.errors.encode(error, REQUEST_ID);
          if (told.status < 400 || told.status > 599)
            throw new Error(`a refusal with the status ${told.status}`);
          other.errors.encodeStream(error, REQUEST_ID, { emit() {}, emitLines() {} });
        }
      }),
      RUNS,
    );
  });
}
