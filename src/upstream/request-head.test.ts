import { describe, expect, it } from 'vitest';
import { splice } from '../body/splice.ts';
import type { RequestBody } from '../contracts/upstream.ts';
import { bodyBehind, createRequestEncoder } from './request-head.ts';

const encoder = createRequestEncoder('api.test:8080', '/v1', '');
const text = (
  headers: Record<string, string>,
  path = '/chat',
  body: RequestBody | null = null,
  method: 'GET' | 'POST' = 'POST',
): string => encoder.encode({ method, path, headers, body }).toString('latin1');

describe('a request', () => {
  it('is its line, the host, the headers as given, the length, and the body', () => {
    expect(text({ accept: 'a', 'x-two': 'b\xe9\tc' }, '/chat', Buffer.from('{"é":1}'))).toBe(
      'POST /v1/chat HTTP/1.1\r\nhost: api.test:8080\r\nconnection: keep-alive\r\naccept: a\r\nx-two: b\xe9\tc\r\n' +
        `content-length: 8\r\n\r\n${Buffer.from('{"é":1}').toString('latin1')}`,
    );
    expect(text({})).toMatch(/\r\ncontent-length: 0\r\n\r\n$/);
    expect(text({}, '/models', null, 'GET')).toBe(
      'GET /v1/models HTTP/1.1\r\nhost: api.test:8080\r\nconnection: keep-alive\r\n\r\n',
    );
  });

  it('holds a small body and leaves out a large one', () => {
    const small = Buffer.alloc(16 * 1024, 'x');
    const large = Buffer.alloc(16 * 1024 + 1, 'x');
    expect(text({}, '/chat', small).endsWith('xxx')).toBe(true);
    expect(bodyBehind(small)).toBeNull();
    expect(text({}, '/chat', large)).toMatch(new RegExp(`content-length: ${large.length}\\r\\n\\r\\n$`));
    expect(bodyBehind(large)).toBe(large);
    expect(bodyBehind(null)).toBeNull();
  });

  it('makes the edits of a body where it is written, or behind the head when it is large', () => {
    const edits = [{ start: 6, end: 7, text: 'é' }];
    expect(text({}, '/chat', splice(Buffer.from('{"a":"b"}'), edits))).toMatch(
      /content-length: 10\r\n\r\n\{"a":"\xc3\xa9"\}$/,
    );
    const large = splice(Buffer.alloc(16 * 1024, 'x'), edits);
    expect(text({}, '/chat', large)).toMatch(/content-length: 16385\r\n\r\n$/);
    expect(bodyBehind(large)).toBe(large);
  });

  it('does not mix up headers and paths of calls that follow each other', () => {
    const first = { a: '1' };
    const second = { a: '2' };
    for (let i = 0; i < 2; i++) {
      expect(text(first, '/x')).toContain('POST /v1/x HTTP/1.1\r\n');
      expect(text(second, '/y')).toContain('\r\na: 2\r\n');
      expect(text(first, '/y')).toContain('POST /v1/y HTTP/1.1\r\n');
      expect(text(first, '/y')).toContain('\r\na: 1\r\n');
      expect(text(first, '/y', null, 'GET')).toContain('GET /v1/y HTTP/1.1\r\n');
    }
  });

  it('keeps the query of the base behind that of the path', () => {
    const withQuery = createRequestEncoder('h', '', 'version=1');
    const line = (path: string): string | undefined =>
      withQuery.encode({ method: 'GET', path, headers: {}, body: null }).toString().split('\r\n')[0];
    expect(line('/a')).toBe('GET /a?version=1 HTTP/1.1');
    expect(line('/a?b=c')).toBe('GET /a?b=c&version=1 HTTP/1.1');
  });

  it.each([
    ...['\r', '\n', '\0', '\x07', '\x7f', '\u0100', '\u{1f600}'].map((character) => ({
      a: `b${character}c`,
    })),
    ...['', 'a b', 'a:', 'a\r\nb', 'A', 'é', 'a\0'].map((name) => ({ [name]: 'b' })),
    ...[
      'host',
      'connection',
      'content-length',
      'transfer-encoding',
      'upgrade',
      'expect',
      'te',
      'trailer',
      'keep-alive',
    ].map((name) => ({ [name]: '1' })),
  ] as Record<string, string>[])('with the header %j is not sent', (headers) => {
    expect(() => text(headers)).toThrow(TypeError);
    expect(() => text(headers)).toThrow(TypeError);
  });

  it.each(['/a b', '/a\tb', '/a\r\nb', '/a\0', '/a\x7f', '/ā'])('with the path %j is not sent', (path) => {
    expect(() => text({}, path)).toThrow(TypeError);
    expect(text({}, '/fine')).toContain('/v1/fine');
    expect(() => text({}, path)).toThrow(TypeError);
  });
});
