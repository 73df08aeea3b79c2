import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { calibrate, readPairs } from './calibrate.ts';
import { createBuiltin } from './builtin.ts';
import { type Difference, differenceOf } from './guard.ts';

const read = (file: string) =>
  readPairs(readFileSync(new URL(`../../../tests/kit/${file}`, import.meta.url), 'utf8'));
const pairs = read('question-pairs.txt');

const embed = createBuiltin();

function longText(what: string, where: string): string {
  return `Write a friendly letter to a neighbour who has grown too many ${what} this year, offers them to everybody and keeps them in ${where}, thanking for a basket full of them.`;
}

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

describe('pairs of which small things alone tell what is asked', () => {
  const hard = read('question-pairs-hard.txt');

  it('are told apart: of what is called the same at least 99 % is, and what is the same is found', () => {
    expect(hard.length).toBeGreaterThan(800);
    const vectors = hard.map(({ one, other }) => [embed(one), embed(other)] as const);
    const [guarded, alone] = [true, false].map((by) => calibrate(hard, vectors, [0.92], by)[0]!);
    expect(guarded!.precision).toBeGreaterThanOrEqual(0.99);
    expect(guarded!.recall).toBeGreaterThan(0.95);
    // They are no pairs that vectors would do for.
    expect(alone!.precision).toBeLessThan(0.7);
  });

  it('are told apart by the guard alone, in either order', () => {
    const through = hard.filter(
      ({ one, other, same }) =>
        !same && (differenceOf(one, other) === null || differenceOf(other, one) === null),
    );
    expect(through.length).toBeLessThan(hard.length * 0.01);
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
    ['words', longText('tomatoes', 'the garden'), longText('potatoes', 'the kitchen')],
    ['signs', 'What is 7 - 2?', 'What is 7 + 2?'],
    ['signs', 'How heavy is 5 Mg?', 'How heavy is 5 mg?'],
    ['signs', 'Explain C', 'Explain C++'],
    ['small words', 'Who is the mayor?', 'Who was the mayor?'],
    ['small words', 'Can I take this pill?', 'Should I take this pill?'],
    ['small words', 'delete my account', 'delete your account'],
    ['small words', 'books by Orwell', 'books about Orwell'],
    ['small words', 'Is it open here?', 'Is it open there?'],
    ['forms', 'plural of mouse', 'plural of mice'],
    ['forms', 'Wer zahlt mir das?', 'Wer zahlte mir das?'],
    ['order', 'does a cat chase a dog', 'does a dog chase a cat'],
    ['order', 'mother of my wife', 'wife of my mother'],
    ['order', 'from the airport to the hotel', 'to the airport from the hotel'],
    ['order', 'divide a by b', 'divide b by a'],
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
      ['symptoms of flu', 'flu symptoms'],
      ['list files in a directory in python', 'python: list files in a directory'],
      ['Could you explain photosynthesis?', 'Explain photosynthesis'],
      ['How do I undo the last commit?', 'how can I undo my last commit'],
    ] as const)
      expect(differenceOf(one, other)).toBeNull();
  });
});
