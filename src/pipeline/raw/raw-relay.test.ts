import { describe, expect, it } from 'vitest';
import { RawRelay } from './raw-relay.ts';

function relay(status: number, headers: Record<string, string>) {
  const heard: string[] = [];
  const made = new RawRelay(status, headers, {
    write: (bytes) => heard.push(bytes.toString()),
    whole: (bytes) => heard.push(`whole ${bytes.toString()}`),
  });
  return { made, heard };
}

const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' };

describe('an answer that is handed on', () => {
  it('goes on piece by piece when nobody says how long it is', () => {
    for (const headers of [
      {},
      { 'content-type': 'audio/mpeg' },
      { 'content-type': 'text/event-stream', 'content-length': '6' },
    ]) {
      const { made, heard } = relay(200, headers);
      made.data(Buffer.from('one'));
      expect(heard).toEqual(['one']);
      made.data(Buffer.from('two'));
      made.ended();
      expect([heard, made.finished, made.tokens]).toEqual([['one', 'two'], true, 2]);
    }
  });

  it('goes on whole when it is short, and what it used is read', () => {
    const { made, heard } = relay(200, JSON_TYPE);
    const usage = { type: 'tokens', input_tokens: 5, output_tokens: 2, total_tokens: 7 };
    const text = JSON.stringify({ text: 'hi', model: 'm', usage });
    made.data(Buffer.from(text.slice(0, 9)));
    made.data(Buffer.from(text.slice(9)));
    expect(heard).toEqual([]);
    made.ended();
    expect(heard).toEqual([`whole ${text}`]);
    expect(made.facts).toMatchObject({ model: 'm', usage: { input: 5, output: 2 } });
    expect(made.facts?.quantities).toBeUndefined();
  });

  it('that says nothing of what it used is counted by what its head says', () => {
    const { made } = relay(200, { ...JSON_TYPE, 'x-amzn-bedrock-input-token-count': '8' });
    made.data(Buffer.from('{"generation":"hi"}'));
    made.ended();
    expect(made.facts?.usage).toMatchObject({ input: 8, output: 0 });
  });

  it('tells seconds of sound', () => {
    const { made } = relay(200, JSON_TYPE);
    made.data(Buffer.from('{"text":"hi","usage":{"type":"duration","seconds":9}}'));
    made.ended();
    expect(made.facts).toMatchObject({ usage: null, quantities: { seconds: 9, images: null } });
  });

  it.each(['[]', '{', '"a"', 'null'])('is read in vain: %s', (text) => {
    const { made, heard } = relay(200, JSON_TYPE);
    made.data(Buffer.from(text));
    made.ended();
    expect([made.facts, heard]).toEqual([null, [`whole ${text}`]]);
  });

  it('stops being held when it grows', () => {
    for (const [status, headers, bytes] of [
      [200, { 'content-length': '20000' }, 20_000],
      [500, {}, 1_100_000],
      [200, JSON_TYPE, 1_100_000],
    ] as const) {
      const { made, heard } = relay(status, headers);
      made.data(Buffer.from('first'));
      expect(heard).toEqual([]);
      made.data(Buffer.alloc(bytes, 'x'));
      expect(heard.map(({ length }) => length)).toEqual([5, bytes]);
    }
  });

  it('that is empty is answered all the same', () => {
    const { made, heard } = relay(200, {});
    made.ended();
    made.ended();
    expect(heard).toEqual(['whole ']);
  });
});
