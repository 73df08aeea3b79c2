// Questions and purges as bytes and back; bytes of strangers are nothing.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CacheNews } from '../../contracts/cache-ports.ts';
import { NEWS_VERSION, packNews, unpackNews } from './news-code.ts';

const asked: CacheNews = {
  kind: 'asked',
  row: { id: 'i', partition: 'p', text: 'Wer? 🙂', untilMs: 5, vector: Float32Array.of(0.6, -0.8, 0) },
};

describe('news of kept answers', () => {
  it.each<CacheNews>([asked, { kind: 'purged', wanted: { tag: 't', model: 'm' } }])(
    'come back: %o',
    (news) => {
      expect(unpackNews(packNews(news, 'me'), 'other')).toEqual(news);
    },
  );

  it('of this process itself are none', () => {
    expect(unpackNews(packNews(asked, 'me'), 'me')).toBeNull();
  });

  it('of another version, cut or made of anything are none, and never throw', () => {
    const bytes = packNews(asked, 'me');
    const older = Buffer.from(bytes);
    expect(older[1]).toBe(NEWS_VERSION);
    older[1] = NEWS_VERSION + 1;
    expect(unpackNews(older, 'other')).toBeNull();
    for (let end = 0; end < bytes.length; end++)
      expect(unpackNews(bytes.subarray(0, end), 'other')).toBeNull();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (any) => {
        expect(unpackNews(Buffer.from(any), 'other')).toBeNull();
      }),
    );
  });
});
