import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { calibrate, readPairs } from './calibrate.ts';
import { createBuiltin } from './builtin.ts';
import { type Difference, differenceOf } from './guard.ts';

const pairs = readPairs(
  readFileSync(new URL('../../../tests/kit/question-pairs.txt', import.meta.url), 'utf8'),
);

const embed = createBuiltin();

describe('three hundred pairs of questions', () => {
  it('are told apart by vectors without a model and the guard: of what is called the same at least 99 % is', () => {
    expect(pairs.length).toBeGreaterThanOrEqual(300);
    const measured = calibrate(
      pairs,
      pairs.map(({ one, other }) => [embed(one), embed(other)]),
      [0.92],
    )[0]!;
    expect(measured.wrong).toEqual([]);
    expect(measured.precision).toBeGreaterThanOrEqual(0.99);
    expect(measured.recall).toBeGreaterThan(0.6);
  });

  it('are kept apart by the guard alone where they differ, whatever a vector says', () => {
    const others = pairs.filter(({ same }) => !same);
    const through = others.filter(({ one, other }) => differenceOf(one, other) === null);
    // Where two words or more are exchanged vectors tell: those are another question altogether.
    expect(through.length).toBeLessThan(others.length * 0.02);
  });
});

describe('the guard', () => {
  it.each<[Difference, string, string]>([
    ['numbers', 'Give me 3 ideas for a garden', 'Give me 4 ideas for a garden'],
    ['numbers', 'Is version 1.2 stable?', 'Is version 1.20 stable?'],
    ['numbers', 'Name two rivers', 'Name three rivers'],
    ['numbers', 'Count from 1 to 10', 'Count from 10 to 1'],
    ['dates', 'What happened in May?', 'What happened in June?'],
    ['dates', 'Is it open today?', 'Is it open tomorrow?'],
    ['names', 'I live in Paris and want advice', 'I live in London and want advice'],
    ['names', 'Send it from ALICE to BOB now', 'Send it from BOB to ALICE now'],
    ['quotes', 'Define "gate"', 'Define "lock"'],
    ['quotes', 'What does `a.b` do?', 'What does `a.c` do?'],
    ['addresses', 'Read https://a.example/x', 'Read https://a.example/y'],
    ['addresses', 'Look at src/main.ts and main.py', 'Look at src/main.ts and util.py'],
    ['negations', 'Is it allowed to park here?', 'Is it not allowed to park here?'],
    ['negations', 'Why does it start?', "Why doesn't it start?"],
    ['language', 'What is the weather like in the city?', 'Wie ist das Wetter und was ist in der Stadt?'],
    ['language', 'hello', 'привет'],
    [
      'opposites',
      'how do i increase the swap space of my server',
      'how do i decrease the swap space of my server',
    ],
    ['question', 'Who wrote Hamlet?', 'When was Hamlet written?'],
    ['words', 'the capital of france', 'the capital of germany'],
    ['words', 'the best pizza in town', 'the best vegan pizza in town'],
    ['order', 'dogs are larger than cats, why?', 'cats are larger than dogs, why?'],
  ])('sees %s: %s / %s', (difference, one, other) => {
    expect(differenceOf(one, other)).toBe(difference);
    expect(differenceOf(other, one)).toBe(difference);
  });

  it('lets pass what is only said otherwise', () => {
    for (const [one, other] of [
      ["What's the colour of the sky?", 'what is the color of the sky'],
      ['Name 2 rivers', 'please name two rivers'],
      ['How do I reset my password?', 'How can I reset my password'],
      ['Tell me the GDP of Japan', 'What is the GDP of Japan?'],
    ] as const)
      expect(differenceOf(one, other)).toBeNull();
  });
});
