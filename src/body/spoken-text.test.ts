import { expect, test } from 'vitest';
import { inspectBody } from './inspect.ts';
import { countSpoken } from './spoken-text.ts';

function charactersOf(body: string): number | undefined {
  const bytes = Buffer.from(body);
  const facts = inspectBody(bytes);
  countSpoken(bytes, facts);
  return facts.characters;
}

test.each<[body: string, characters: number | undefined]>([
  ['{"model":"m","input":"hello","voice":"alloy"}', 5],
  ['{"input":""}', 0],
  ['{"input":"a\\n\\u00e9\\"ü"}', 5],
  ['{"input":"\\ud83d\\ude00😀","instructions":"be kind"}', 2],
  ['{"input":["hello"]}', undefined],
  ['{"model":"m"}', undefined],
])('of %s', (body, characters) => {
  expect(charactersOf(body)).toBe(characters);
});
