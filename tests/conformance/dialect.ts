// What every dialect must hold to: a suite by maker, run over the registry. It knows none of them by name. What a dialect
// cannot say it tells itself: a request's encoder by what it refuses, drops or adapts; an answer's by what the vendor's own
// answers never hold (dialect/samples.ts).
import { describe } from 'vitest';
import type { Dialect } from '../../src/contracts/dialect.ts';
import { answersBetween, answersOf } from './dialect/answers.ts';
import { bytePathOf } from './dialect/byte-path.ts';
import { errorsBetween, errorsOf } from './dialect/errors.ts';
import { fuzzOf } from './dialect/fuzz.ts';
import { prefixesOn } from './dialect/prefixes.ts';
import { requestsBetween, requestsOf } from './dialect/requests.ts';
import type { DialectSamples } from './dialect/samples.ts';
import { streamsBetween, streamsOf } from './dialect/streams.ts';
import { vocabularyOf } from './dialect/vocabulary.ts';

/**
 * Everything that concerns one dialect alone.
 *
 * @param others dialects that what it read, however odd, must be writable in.
 */
export function describeDialect(
  dialect: Dialect,
  samples: DialectSamples,
  others: readonly Dialect[] = [dialect],
): void {
  describe(dialect.name, () => {
    describe('vocabulary', () => vocabularyOf(dialect, samples));
    describe('requests', () => requestsOf(dialect, samples));
    describe('answers', () => answersOf(dialect, samples));
    describe('streams', () => streamsOf(dialect, samples));
    describe('errors', () => errorsOf(dialect, samples));
    describe('byte path', () => bytePathOf(dialect, samples));
    describe('prefixes', () => prefixesOn([dialect]));
    describe('damage', () => fuzzOf(dialect, samples, others));
  });
}

/** Everything that concerns a client of one dialect and a provider of another, both ways. @param all samples by dialect. */
export function describePair(
  from: Dialect,
  to: Dialect,
  all: Readonly<Record<string, DialectSamples>>,
): void {
  describe(`${from.name} to ${to.name}`, () => {
    describe('requests', () => requestsBetween(from, to, all));
    describe('answers', () => answersBetween(from, to, all));
    describe('streams', () => streamsBetween(from, to, all));
    describe('errors', () => errorsBetween(from, to, all));
    describe('prefixes', () => prefixesOn([from, to]));
  });
}
