import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { callSnippets } from './snippets.ts';

const NASTY = `it's "quoted" $(touch x) \`y\` \\ \n <b>`;

test('a shell reads the curl line back as it was, whatever is in it', () => {
  const [curl] = callSnippets({ origin: 'http://gate:8080', key: 'hg-1', model: 'm', prompt: NASTY });
  const shown = spawnSync('sh', ['-c', curl!.text.replace(/^curl/, `printf '%s\\0'`)], { encoding: 'utf8' });
  const words = shown.stdout.split('\0');
  expect(words[0]).toBe('http://gate:8080/v1/chat/completions');
  expect(words).toContain('authorization: Bearer hg-1');
  const body = JSON.parse(words[words.indexOf('-d') + 1]!) as { messages: { content: string }[] };
  expect(body.messages[0]!.content).toBe(NASTY);
});

test('the TypeScript line holds the body as a literal', () => {
  const body = { model: 'm', input: NASTY, n: null, on: true };
  const lines = callSnippets({
    origin: 'http://g',
    key: 'k',
    model: 'm',
    prompt: '',
    body,
    path: '/v1/embeddings',
  });
  const text = lines.find(({ language }) => language === 'TypeScript')!.text;
  const literal = /JSON\.stringify\(([\s\S]*)\),\n\}\);/.exec(text)?.[1];
  expect(JSON.parse(literal!)).toEqual(body);
});

test('Python has its own words for nothing and truth', () => {
  const lines = callSnippets({
    origin: 'http://g',
    key: 'k',
    model: 'm',
    prompt: '',
    stream: true,
    body: { a: null, b: [true, { c: 'x' }], d: {} },
  });
  const text = lines.find(({ language }) => language === 'Python')!.text;
  expect(text).toContain('"a": None');
  expect(text).toContain('True');
  expect(text).toContain('for chunk in answer');
});
