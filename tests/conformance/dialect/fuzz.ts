// What is almost right: a vendor's own JSON with something else in one place. Readers take it or refuse it with a
// GatewayError, and what they took can be written.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { inspectBody } from '../../../src/body/inspect.ts';
import { stringifyJson } from '../../../src/body/lossless.ts';
import { applyEdits } from '../../../src/body/splice.ts';
import type { Delta } from '../../../src/contracts/chat.ts';
import type { Dialect } from '../../../src/contracts/dialect.ts';
import { GatewayError } from '../../../src/contracts/errors.ts';
import type { Json, JsonObject } from '../../../src/contracts/json.ts';
import { isObject } from '../../../src/dialects/read.ts';
import { almost, everywhere } from './damage.ts';
import type { DialectSamples, SampleEvent } from './samples.ts';
import { stingyTarget, targetOf } from './target.ts';
import { CONTEXT, encodeAll, eventsOf, REQUEST_ID, type WireEvent } from './wire.ts';

const RUNS = { numRuns: 300 };

/** What it returns, or null where it refuses. @throws what is no GatewayError. */
function attempt<T>(run: () => T): T | null {
  try {
    return run();
  } catch (error) {
    if (error instanceof GatewayError) return null;
    throw error;
  }
}

/** Runs over every sample with an odd value in each place, and over samples damaged at random. */
function overDamaged(samples: readonly Json[], check: (body: JsonObject) => void): void {
  const asObject = (value: Json): JsonObject => (isObject(value) ? value : { value });
  for (const sample of samples) for (const damaged of everywhere(sample)) check(asObject(damaged));
  fc.assert(
    fc.property(almost(samples), (damaged) => check(asObject(damaged))),
    RUNS,
  );
}

/** @param others dialects that what was read must be writable in. */
export function fuzzOf(dialect: Dialect, samples: DialectSamples, others: readonly Dialect[]): void {
  const { chat, errors } = dialect;
  const requests = Object.values(samples.requests);
  let turn = 0;
  // All in turn: there is more damage than dialects.
  const next = (): Dialect => others[turn++ % others.length]!;

  it('reads any request or refuses it, and writes what it read', () => {
    overDamaged(requests, (body) => {
      const request = attempt(() => chat.decodeRequest(body));
      if (request === null) return;
      const other = next();
      attempt(() => other.chat.encodeRequest(request, targetOf(other)));
    });
  });

  it('edits any request or refuses it, and leaves JSON', () => {
    const targets = [targetOf(dialect), stingyTarget(dialect, ['stream'], false)];
    overDamaged(requests, (made) => {
      const body = Buffer.from(stringifyJson(made));
      const facts = attempt(() => inspectBody(body));
      if (facts === null) return;
      for (const target of targets) {
        const ways = [
          () => chat.splice(facts, target),
          () => chat.fit?.(body, facts, target).edits,
          () => chat.mend?.(body, facts, target)?.edits,
        ];
        for (const way of ways) JSON.parse(applyEdits(body, attempt(way) ?? []).toString());
      }
    });
  });

  it('reads any answer or refuses it, and writes what it read', () => {
    overDamaged(Object.values(samples.answers), (body) => {
      attempt(() => chat.readAnswer(body));
      const answer = attempt(() => chat.decodeAnswer(body));
      if (answer === null) return;
      JSON.parse(next().chat.encodeAnswer(answer, CONTEXT));
    });
  });

  it('reads any stream until it refuses, and writes what it read', () => {
    const streams = Object.values(samples.streams);
    // Written once: thousands of times one event of them is another.
    const written = new Map(streams.map((sample) => [sample, eventsOf(sample)]));
    const check = (sample: readonly SampleEvent[], at: number, data: Json): void => {
      const [damaged] = eventsOf([{ ...sample[at]!, data }]);
      const deltas = readStream(dialect, written.get(sample)!.with(at, damaged!));
      encodeAll(next(), deltas);
    };
    for (const sample of streams) {
      for (const [at, { data }] of sample.entries()) {
        for (const damaged of everywhere(data)) check(sample, at, damaged);
      }
    }
    const made = fc
      .constantFrom(...streams)
      .chain((sample) =>
        fc.tuple(fc.constant(sample), fc.nat(sample.length - 1), almost(sample.map(({ data }) => data))),
      );
    fc.assert(
      fc.property(made, ([sample, at, data]) => check(sample, at, data)),
      RUNS,
    );
  });

  it('reads any refusal, and tells it', () => {
    const check = (body: Buffer, status: number): void => {
      const fault = errors.decode(status, { 'retry-after': 'x' }, body);
      const error = new GatewayError('GW_UPSTREAM_ERROR', { fault, message: fault.message });
      for (const other of others) {
        const told = other.errors.encode(error, REQUEST_ID);
        expect(told.status).toBeGreaterThanOrEqual(400);
        expect(told.status).toBeLessThanOrEqual(599);
        expect(streamedError(other, error)).toBeGreaterThan(0);
      }
    };
    overDamaged(
      Object.values(samples.errors).map(({ body }) => body),
      (body) => check(Buffer.from(stringifyJson(body)), 500),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.integer({ min: 100, max: 999 }), (bytes, status) =>
        check(Buffer.from(bytes), status),
      ),
      RUNS,
    );
  });
}

/** What the decoder tells before it refuses; the watcher reads along. */
function readStream({ chat }: Dialect, events: readonly WireEvent[]): Delta[] {
  const watcher = chat.createWatcher(CONTEXT);
  attempt(() => {
    for (const { event, data } of events) watcher.watch(event, data);
    watcher.closing();
  });
  const decoder = chat.createDecoder();
  const deltas: Delta[] = [];
  attempt(() => {
    for (const { event, data } of events) deltas.push(...decoder.decode(event, data));
    deltas.push(...decoder.finish());
  });
  return deltas;
}

/** How many events say it. */
function streamedError({ errors }: Dialect, error: GatewayError): number {
  let count = 0;
  const emit = (): void => {
    count++;
  };
  errors.encodeStream(error, REQUEST_ID, { emit, emitLines: emit });
  return count;
}
