import { describe, expect, it } from 'vitest';
import { answerKind } from './answer-kind.ts';

describe('what an answer is by its first bytes', () => {
  it.each([
    ['{"id":1}', 'json'],
    [' \r\n [1]', 'json'],
    ['\ufeff{"id":1}', 'json'],
    ['data: {', 'events'],
    ['data:{', 'events'],
    ['\n\nevent: ping', 'events'],
    [': comment', 'events'],
    ['\ufeffid: 1', 'events'],
    ['retry: 3000', 'events'],
    ['', 'unknown'],
    ['\n', 'unknown'],
    ['dat', 'unknown'],
    ['even', 'unknown'],
    ['<html>', 'other'],
    ['database', 'other'],
    ['upstream is having a nap', 'other'],
    [' '.repeat(2000), 'other'],
  ])('%j is %s', (text, kind) => {
    expect(answerKind(Buffer.from(text))).toBe(kind);
  });

  it('is unknown until a byte order mark is whole', () => {
    const bytes = Buffer.from('\ufeffdata: x');
    expect([1, 2, 3, 5].map((length) => answerKind(bytes.subarray(0, length)))).toEqual([
      'unknown',
      'unknown',
      'unknown',
      'unknown',
    ]);
    expect(answerKind(bytes)).toBe('events');
  });
});
