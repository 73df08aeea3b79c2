// `final assistant content cannot end with trailing whitespace`: the beginning of an answer that a chat client gives.
import { describe, expect, it } from 'vitest';
import type { EncodeTarget } from '../../contracts/body.ts';
import { UNKNOWN_CAPABILITIES } from '../../contracts/capability.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { openaiChat } from '../openai-chat/dialect.ts';
import { anthropic } from './dialect.ts';

const TARGET = {
  model: 'claude-x',
  capabilities: UNKNOWN_CAPABILITIES.anthropic,
  defaultMaxTokens: 9,
} as EncodeTarget;
const question = { role: 'user', content: 'q' };

function sent(...messages: JsonObject[]): { messages: JsonObject[]; adapted: string[] } {
  const request = openaiChat.chat.decodeRequest({ model: 'm', messages });
  const { body, adapted } = anthropic.chat.encodeRequest(request, TARGET);
  return { messages: (JSON.parse(body) as { messages: JsonObject[] }).messages, adapted };
}

describe('the beginning of an answer', () => {
  it.each([
    ['The answer is ', 'The answer is'],
    ['{\n\t', '{'],
    [' a\u00a0\u2003', ' a'],
  ])('%j goes without the white space at its end, and that is said', (given, text) => {
    expect(sent(question, { role: 'assistant', content: given })).toEqual({
      messages: [question, { role: 'assistant', content: text }],
      adapted: ['messages[].content'],
    });
  });

  it('is trimmed in the last of its texts, wherever they came from', () => {
    const parts = [
      { type: 'text', text: 'a ' },
      { type: 'text', text: 'b ' },
    ];
    expect(sent(question, { role: 'assistant', content: parts }).messages[1]!['content']).toEqual([
      { type: 'text', text: 'a ' },
      { type: 'text', text: 'b' },
    ]);
    const two = sent(
      question,
      { role: 'assistant', content: 'a' },
      { role: 'assistant', content: 'b\n' },
    ).messages;
    expect(two[1]!['content']).toEqual([
      { type: 'text', text: 'a' },
      { type: 'text', text: 'b' },
    ]);
    const blank = sent(
      question,
      { role: 'assistant', content: 'a\n' },
      { role: 'assistant', content: ' ' },
    ).messages;
    expect(blank[1]).toEqual({ role: 'assistant', content: 'a' });
  });

  it('is nothing else: an answer that was followed by something keeps its white space', () => {
    const said = { role: 'assistant', content: 'a \n' };
    expect(sent(question, said, question)).toEqual({ messages: [question, said, question], adapted: [] });
  });
});
