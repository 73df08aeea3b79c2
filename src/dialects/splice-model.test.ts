import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inspectBody } from '../body/inspect.ts';
import type { EncodeTarget } from '../contracts/body.ts';
import { splice } from './splice-model.ts';

const target = { model: 'claude-x' } as EncodeTarget;

function spliced(text: string): string {
  const body = Buffer.from(text);
  let out = '';
  let at = 0;
  for (const edit of splice(inspectBody(body), target)) {
    expect(edit.start).toBeGreaterThanOrEqual(at);
    out += body.toString('utf8', at, edit.start) + edit.text;
    at = edit.end;
  }
  return out + body.toString('utf8', at);
}

describe('splice', () => {
  it('replaces the model and takes fallbacks out with one comma, wherever it stands', () => {
    expect(spliced('{"fallbacks":["a"],"model":"m","n":1}')).toBe('{"model":"claude-x","n":1}');
    expect(spliced('{ "model" : "m" ,"fallbacks" : [ ] , "n":1.0}')).toBe(
      '{ "model" : "claude-x"  , "n":1.0}',
    );
    expect(spliced('{"model":"m","fallbacks":["a","b"]}')).toBe('{"model":"claude-x"}');
  });

  it('makes no edit when the client already wrote what the upstream wants', () => {
    expect(splice(inspectBody(Buffer.from('{"model":"claude-x","max_tokens":1}')), target)).toEqual([]);
  });

  it('puts a model in where the client gave none, in the place of fallbacks if there is one', () => {
    expect(spliced('{}')).toBe('{"model":"claude-x"}');
    expect(spliced('{"max_tokens":1}')).toBe('{"model":"claude-x","max_tokens":1}');
    expect(spliced('{"fallbacks":["a"]}')).toBe('{"model":"claude-x"}');
    expect(spliced('{"n":1,"fallbacks":["a"],"o":2}')).toBe('{"n":1,"model":"claude-x","o":2}');
  });

  it('leaves every other byte as it was, whatever stands around', () => {
    const space = fc.constantFrom('', ' ', '\n', '\t ', '\r\n  ');
    const value = fc.constantFrom(
      '12345678901234567890',
      '1.0',
      '-0',
      '1e5',
      '"\\u00e9\\/ \u{1f600}"',
      '[ {"type":"text","text":"a","cache_control":{"type":"ephemeral"}} ]',
      '{"b":1,"a":{}}',
      'null',
      'false',
    );
    const other = fc.tuple(
      fc.string({ minLength: 1 }).map((key) => `x${key}`),
      value,
    );
    const members = fc.uniqueArray(other, { maxLength: 4, selector: ([key]) => key }).chain((others) => {
      const all: [string, string][] = [...others, ['model', '"m"'], ['fallbacks', '["p/a","b"]']];
      return fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length });
    });
    fc.assert(
      fc.property(members, fc.array(space, { minLength: 40, maxLength: 40 }), (list, spaces) => {
        let at = 0;
        const pad = (): string => spaces[at++ % spaces.length]!;
        const write = (entries: [string, string][]): string =>
          `{${entries.map(([key, text]) => `${pad()}${JSON.stringify(key)}${pad()}:${pad()}${text}${pad()}`).join(',')}}`;
        const body = write(list);
        const out = spliced(body);
        const expected = list.filter(([key]) => key !== 'fallbacks');
        const parsed = JSON.parse(out) as Record<string, unknown>;
        expect(Object.keys(parsed)).toEqual(Object.keys(JSON.parse(write(expected)) as object));
        expect(parsed['model']).toBe('claude-x');
        for (const [key, text] of expected) if (key !== 'model') expect(out).toContain(text);
        // Nothing but the model's value, the member and one comma is gone.
        const lost = body.length - out.length;
        const member = '"fallbacks"["p/a","b"]:,'.length + '"m"'.length - '"claude-x"'.length;
        expect(lost).toBeGreaterThanOrEqual(member);
        expect(out.replace(/\s/g, '').length).toBe(body.replace(/\s/g, '').length - member);
      }),
    );
  });
});
