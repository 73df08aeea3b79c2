// Pairs of questions out of a log, labelled by what was answered to them: nobody else says whether two of them asked the same.
import type { Pair } from './calibrate.ts';

/** A question with its answer, as a log has it. */
export interface Answered {
  /** Of what else was asked beside it: only questions of one partition are ever taken for each other. */
  partition: string;
  question: string;
  answer: string;
}

/** Vectors of answers that lie nearer say the same, where they name the same numbers. */
const SAME_ANSWER = 0.9;

/**
 * All pairs of one partition whose questions differ.
 *
 * @param embed vector of an answer, of length 1.
 */
export function pairsOf(answered: readonly Answered[], embed: (text: string) => Float32Array): Pair[] {
  const told = unlike(answered).map((one) => ({
    ...one,
    plain: one.answer.toLowerCase().replace(/\s+/g, ' ').trim(),
    numbers: (one.answer.match(/\d+(?:[.,]\d+)*/g) ?? []).sort().join(' '),
    vector: embed(one.answer),
  }));
  const pairs: Pair[] = [];
  for (const [index, one] of told.entries())
    for (const other of told.slice(index + 1)) {
      if (one.partition !== other.partition) continue;
      const same =
        one.plain === other.plain ||
        (one.numbers === other.numbers && cosine(one.vector, other.vector) >= SAME_ANSWER);
      pairs.push({ one: one.question, other: other.question, same });
    }
  return pairs;
}

/** Each question once: the same in the same words is the exact cache's. */
function unlike(answered: readonly Answered[]): Answered[] {
  const first = new Map<string, Answered>();
  for (const one of answered) {
    const name = `${one.partition}\0${one.question}`;
    if (!first.has(name)) first.set(name, one);
  }
  return [...first.values()];
}

/** A pair a line, as `readPairs` reads them: for people who know better. */
export function writePairs(pairs: readonly Pair[]): string {
  const line = (text: string): string => text.replace(/\s+/g, ' ').trim();
  return pairs.map(({ one, other, same }) => `${same ? '+' : '-'}\t${line(one)}\t${line(other)}\n`).join('');
}

function cosine(one: Float32Array, other: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < one.length; i++) sum += one[i]! * other[i]!;
  return sum;
}
