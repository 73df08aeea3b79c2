import { describe, expect, it } from 'vitest';
import {
  answerDecision,
  BadDecision,
  deltaDecision,
  requestDecision,
  routeDecision,
  upstreamDecision,
} from './decision.ts';

describe('a decision', () => {
  it('is what it says, and nothing where it says nothing', () => {
    for (const read of [requestDecision, routeDecision, upstreamDecision, answerDecision]) {
      expect(read(undefined)).toEqual({});
      expect(read(null)).toEqual({});
      expect(read({ unknown: 1 })).toEqual({});
    }
    expect(requestDecision({ model: 'm', metadata: { a: 'b' }, body: { c: 1 } })).toEqual({
      model: 'm',
      metadata: { a: 'b' },
      body: { c: 1 },
    });
    expect(routeDecision({ targets: ['a/b'] })).toEqual({ targets: ['a/b'] });
    expect(requestDecision({ refuse: {} }).refuse!.message).toMatch(/refuses/);
    expect(requestDecision({ refuse: { status: 0, message: 'no' } }).refuse).toEqual({ message: 'no' });
    expect(requestDecision({ answer: { text: '' } }).answer).toEqual({ text: '' });
  });

  it.each([
    7,
    'yes',
    [],
    { body: 'text' },
    { body: [] },
    { model: '' },
    { model: 7 },
    { metadata: { a: 1 } },
    { headers: { 'x y': 'a' } },
    { headers: { 'x-a': 'b\r\nc: d' } },
    { refuse: { status: 200 } },
    { refuse: { status: 500 } },
    { refuse: 'no' },
    { answer: {} },
    { answer: { body: 'text' } },
  ])('is none: %j', (value) => {
    expect(() => requestDecision(value)).toThrow(BadDecision);
  });

  it('adds no header that frames or authenticates a request', () => {
    const headers = {
      'X-Team': 'a',
      Authorization: 'b',
      HOST: 'c',
      'content-length': '1',
      'x-api-key': 'd',
      cookie: 'e',
    };
    expect(upstreamDecision({ headers })).toEqual({ headers: { 'x-team': 'a' } });
    expect(() => routeDecision({ targets: [1] })).toThrow(BadDecision);
  });

  it('of a piece of an answer is its text, as a module says it or as a server does', () => {
    expect([undefined, null, {}, { text: null }].map(deltaDecision)).toEqual(Array(4).fill(undefined));
    expect(['', 'a', { text: '' }, { text: 'b' }].map(deltaDecision)).toEqual(['', 'a', '', 'b']);
    for (const none of [7, [], { text: 7 }, { text: {} }])
      expect(() => deltaDecision(none)).toThrow(BadDecision);
  });
});
