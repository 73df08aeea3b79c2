import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Wants } from './wants.ts';

function ask(body: string, cuts: readonly number[] = []): Wants {
  const bytes = Buffer.from(body);
  const places = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
  const wants = new Wants();
  for (let i = 1; i < places.length; i++) {
    wants.push(bytes.subarray(places[i - 1], places[i]), i === places.length - 1);
  }
  return wants;
}

describe('what a body asks for', () => {
  it('is found however the body is cut and spaced', () => {
    const text = 'x'.repeat(100);
    const tight = JSON.stringify({ text, stream: true, stream_options: { include_usage: true } });
    const loose = `{"text": "${text}", "stream" : true, "stream_options": {"include_usage": true}}`;
    fc.assert(
      fc.property(fc.constantFrom(tight, loose), fc.array(fc.nat(tight.length)), (body, cuts) => {
        expect(ask(body, cuts)).toMatchObject({ stream: true, usage: true });
      }),
    );
  });

  it('is not taken from text, from other keys, or from false', () => {
    const quoted = JSON.stringify({ messages: [{ content: '"stream":true "include_usage":true' }] });
    expect(ask(quoted)).toMatchObject({ stream: false, usage: false });
    expect(ask('{"stream":false,"stream_options":{"include_usage":false}}')).toMatchObject({
      stream: false,
      usage: false,
    });
  });
});
