import { describe, expect, it } from 'vitest';
import type { Call } from '../../contracts/call.ts';
import type { Target } from '../../contracts/plan.ts';
import { answerKind } from './answer-kind.ts';

const target = { dialect: { chat: { framing: { mediaType: 'text/event-stream' } } } } as Target; // all it reads
const EVENTS = 'text/event-stream; charset=utf-8';

function call(over: { stream?: boolean; answer?: string; verbatim?: boolean; rest?: string }): Call {
  const { stream = false, answer = 'chat', verbatim = false, rest = '' } = over;
  const operation = { answer, raw: verbatim ? { verbatim } : undefined };
  return { stream, operation, head: { method: 'GET' }, params: { rest } } as unknown as Call; // all it reads
}

describe('answerKind', () => {
  it.each([
    ['a stream that was asked for', call({ stream: true }), 200, EVENTS, 'events'],
    ['a stream with another label', call({ stream: true }), 200, 'application/json', 'unsure'],
    ['a stream without a label', call({ stream: true }), 201, undefined, 'unsure'],
    ['a stream that nobody asked for', call({}), 200, EVENTS, 'whole'],
    ['a refusal of a stream', call({ stream: true }), 429, EVENTS, 'whole'],
    ['a redirect', call({ stream: true, answer: 'bytes' }), 302, EVENTS, 'whole'],
    ['bytes', call({ answer: 'bytes' }), 200, 'audio/mpeg', 'bytes'],
    ['a refusal that is handed on', call({ answer: 'bytes', verbatim: true }), 404, 'text/html', 'bytes'],
    [
      'objects that have owners',
      call({ answer: 'bytes', verbatim: true, rest: 'v1/files' }),
      200,
      'application/json',
      'whole',
    ],
  ] as const)('%s', (_what, asked, status, type, kind) => {
    expect(answerKind(asked, target, status, type)).toBe(kind);
  });
});
