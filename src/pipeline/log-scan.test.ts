import { expect, test } from 'vitest';
import { LogScan } from './log-scan.ts';

function scanned(text: string, size = text.length): string | null {
  const scan = new LogScan();
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) scan.look(bytes.subarray(at, at + size));
  return scan.wrong?.code ?? null;
}

const run = (type: string, source: object): string =>
  JSON.stringify({ data_source: { type, source } }, null, 1);

test.each([
  run('completions', { type: 'stored_completions', metadata: { a: 'b' } }),
  run('completions', { metadata: { a: 'b' }, type: 'stored_completions' }),
  run('responses', { metadata: {}, type: 'responses' }),
  run('completions', { type: 'stored_completions' }).replace('stored_', '\\u0073tored\\u005F'),
  run('completions', { type: 'stored_completions' }).replace('"type"', `"t\\u0079pe"${' '.repeat(900)}`),
])('a run over what all callers asked is found, cut anywhere: %#', (text) => {
  for (const size of [1, 7, 30, text.length]) expect(scanned(text, size)).toBe('GW_CLIENT_FORBIDDEN');
});

test.each([
  run('responses', { type: 'file_content', content: [{ item: { input: 'stored_completions' } }] }),
  run('responses', { type: 'file_id', id: 'file-1' }),
  run('completions', { type: 'file_content', content: [{ item: { say: '"type":"stored_completions"' } }] }),
  '',
])('any other goes on: %#', (text) => {
  for (const size of [1, 7, 30, 1_000]) expect(scanned(text, size)).toBeNull();
});
