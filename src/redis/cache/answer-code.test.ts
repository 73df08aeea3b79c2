import { describe, expect, it } from 'vitest';
import type { CachedAnswer } from '../../contracts/cache.ts';
import { ANSWER_VERSION, packAnswer, unpackAnswer } from './answer-code.ts';

const entry = (body: string): CachedAnswer => ({
  id: 'k',
  createdMs: 1,
  freshUntilMs: 2,
  staleUntilMs: 3,
  operation: 'chat',
  dialect: 'openai-chat',
  form: 'events',
  contentType: 'text/event-stream',
  includeUsage: false,
  body: Buffer.from(body),
  pace: [3, 0, 7, 120],
  provider: 'p',
  upstreamModel: 'm',
  answerModel: null,
  translated: false,
  dropped: ['seed'],
  adapted: [],
  stop: 'end',
  usage: null,
  quantities: null,
  turnId: null,
  costNano: 12_345_678_901,
  tookMs: 9,
  labels: {
    key: 'a',
    organization: null,
    team: 't',
    user: null,
    customer: 'é',
    project: null,
    tags: ['x'],
    model: 'fast',
  },
});

describe('an answer in Redis', () => {
  it('comes back as it was, large ones from fewer bytes', async () => {
    for (const body of ['short', 'data: {"a":1}\n\n'.repeat(2_000)]) {
      const packed = await packAnswer(entry(body));
      expect(await unpackAnswer(packed, 1 << 20)).toEqual(entry(body));
      if (body.length > 10_000) expect(packed.length).toBeLessThan(body.length / 5);
    }
  });

  it('is none where it is of another version, damaged, or larger than it may be', async () => {
    const packed = await packAnswer(entry('data: {"a":1}\n\n'.repeat(2_000)));
    const older = Buffer.from(packed);
    older[0] = ANSWER_VERSION - 1;
    expect(await unpackAnswer(older, 1 << 20)).toBeNull();
    expect(await unpackAnswer(packed.subarray(0, packed.length - 9), 1 << 20)).toBeNull();
    expect(await unpackAnswer(packed, 1_000)).toBeNull();
    expect(await unpackAnswer(Buffer.alloc(0), 1_000)).toBeNull();
    const other = await packAnswer({ n: 1 } as unknown as CachedAnswer);
    expect(await unpackAnswer(other, 1 << 20)).toBeNull();
  });
});
