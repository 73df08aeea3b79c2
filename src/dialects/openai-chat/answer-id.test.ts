import { expect, test } from 'vitest';
import { chatId, completionId } from './answer-id.ts';

const context = { requestId: 'r' };

test.each([
  ['', 'chatcmpl-r', 'cmpl-r'],
  ['msg_1', 'chatcmpl-msg_1', 'cmpl-msg_1'],
  ['chatcmpl-1', 'chatcmpl-1', 'cmpl-1'],
  ['cmpl-1', 'chatcmpl-cmpl-1', 'cmpl-1'],
])('an id of %j begins as its vendor has it', (id, chat, completion) => {
  expect([chatId(id, context), completionId(id, context)]).toEqual([chat, completion]);
});

test('a stream that is gone on with keeps its id', () => {
  const behind = { ...context, marks: { sequence: 0, items: [] } };
  expect([chatId('gen-1', behind), completionId('gen-1', behind)]).toEqual(['gen-1', 'gen-1']);
});
