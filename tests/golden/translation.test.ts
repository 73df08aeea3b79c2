// How a translated stream is cut makes no difference. What goes to the other dialect and back is in tests/conformance.
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { dialectByName } from '../../src/registry/dialects.ts';
import type { DialectName } from '../../src/contracts/dialect.ts';
import { relayStream } from '../kit/relay-stream.ts';

const CONTEXT = { requestId: 'req_1', model: 'm', now: 1_760_000_000, includeUsage: true };
const STREAMS = join(import.meta.dirname, 'streams');

describe('a translated stream', () => {
  const files = readdirSync(STREAMS, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.golden'),
  );

  it.each(files.sort())('%s is the same however its bytes are cut', (name) => {
    const [from, to] = basename(dirname(name)).split('-to-') as [DialectName, DialectName];
    const input = /=== input\n([\s\S]*?)\n=== expected/.exec(readFileSync(join(STREAMS, name), 'utf8'))![1]!;
    const bytes = Buffer.from(`${input}\n\n`);
    const run = (chunks: Buffer[]): string =>
      relayStream(chunks, dialectByName(from), dialectByName(to), CONTEXT).text;
    const whole = run([bytes]);
    for (let at = 1; at < bytes.length; at++)
      expect(run([bytes.subarray(0, at), bytes.subarray(at)])).toBe(whole);
    expect(run(Array.from(bytes, (_, at) => bytes.subarray(at, at + 1)))).toBe(whole);
  });
});
