import { describe, expect, test } from 'vitest';
import { applyEdits } from '../body/splice.ts';
import { inspectBody } from '../body/inspect.ts';
import type { DialectName } from '../contracts/dialect-name.ts';
import { dialectByName } from '../registry/dialects.ts';

function carriedOn(dialect: DialectName, text: string, instruction: string | null): string | null {
  const body = Buffer.from(text);
  const edits = dialectByName(dialect).chat.carryOn!(body, inspectBody(body), 'so "far"', instruction);
  return edits === null ? null : applyEdits(body, edits).toString();
}

const said = JSON.stringify('so "far"');
const plain = `{"role":"assistant","content":${said}},{"role":"user","content":"go on"}`;

describe('a request with what was said behind it keeps every other byte', () => {
  test.each<[DialectName, string, string]>([
    [
      'openai-chat',
      '{ "messages" : [{"role":"user","content":"hi"} ] ,"x":1.0}',
      `{ "messages" : [{"role":"user","content":"hi"} ,${plain}] ,"x":1.0}`,
    ],
    [
      'anthropic',
      '{"messages":[{"role":"user","content":"hi"}]}',
      `{"messages":[{"role":"user","content":"hi"},${plain}]}`,
    ],
    [
      'cohere',
      '{"messages":[{"role":"user","content":"hi"}]}',
      `{"messages":[{"role":"user","content":"hi"},${plain}]}`,
    ],
    [
      'bedrock',
      '{"messages":[{"role":"user","content":[{"text":"hi"}]}]}',
      `{"messages":[{"role":"user","content":[{"text":"hi"}]},{"role":"assistant","content":[{"text":${said}}]},{"role":"user","content":[{"text":"go on"}]}]}`,
    ],
    [
      'gemini',
      '{"contents":[{"role":"user","parts":[{"text":"hi"}]}]}',
      `{"contents":[{"role":"user","parts":[{"text":"hi"}]},{"role":"model","parts":[{"text":${said}}]},{"role":"user","parts":[{"text":"go on"}]}]}`,
    ],
    [
      'openai-responses',
      '{"input":"h\\u0069","x":1}',
      `{"input":[{"role":"user","content":"h\\u0069"},${plain}],"x":1}`,
    ],
    [
      'openai-responses',
      '{"input":[{"role":"user","content":"hi"}]}',
      `{"input":[{"role":"user","content":"hi"},${plain}]}`,
    ],
  ])('%s: %s', (dialect, body, made) => {
    expect(carriedOn(dialect, body, 'go on')).toBe(made);
  });

  test('and without an instruction ends in the beginning of the answer', () => {
    const made = carriedOn('openai-chat', '{"messages":[{"role":"user","content":"hi"}]}', null);
    expect(JSON.parse(made!).messages.at(-1)).toEqual({ role: 'assistant', content: 'so "far"' });
  });
});

test.each(['{"messages":[]}', '{"messages":"hi"}', '{"prompt":"hi"}'])('%s has no place for it', (body) => {
  expect(carriedOn('openai-chat', body, null)).toBeNull();
});
