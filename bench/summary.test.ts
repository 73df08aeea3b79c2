import { describe, expect, it } from 'vitest';
import { chatBody } from './chat-body.ts';
import type { Sample } from './measure.ts';
import { summarise } from './summary.ts';

const sample = (target: string, micros: number, kind: Sample['kind'] = 'request'): Sample => ({
  target,
  kind,
  micros,
  count: 1,
  failed: 0,
  perSecond: 1,
});

describe('bench summary', () => {
  it('takes medians and compares each kind with nginx of the same kind', () => {
    const rows = summarise([
      sample('nginx', 10),
      sample('nginx', 30),
      sample('nginx', 20),
      sample('headgate', 50),
      sample('nginx', 5, 'delta'),
      sample('headgate', 10, 'delta'),
    ]);
    const find = (target: string, kind: string) =>
      rows.find((row) => row.target === target && row.kind === kind);
    expect(find('nginx', 'request')).toMatchObject({ micros: 20, spread: [10, 30], ratio: 1 });
    expect(find('headgate', 'request')).toMatchObject({ ratio: 2.5 });
    expect(find('headgate', 'delta')).toMatchObject({ ratio: 2 });
  });

  it('gives no ratio without nginx', () => {
    expect(summarise([sample('headgate', 50)])[0]).toMatchObject({ ratio: null });
  });
});

describe('bench request', () => {
  it('is valid JSON of exactly 1 KB', () => {
    expect(Buffer.byteLength(chatBody(false))).toBe(1024);
    expect(Buffer.byteLength(chatBody(true))).toBe(1024);
    expect(JSON.parse(chatBody(true))).toMatchObject({ stream: true });
  });
});
