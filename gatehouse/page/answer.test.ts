import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { answerDocs, answerPage, isDocs, isPage, type PageRequest } from './answer.ts';
import { createPageFiles, pageFolder } from './files.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'headgate-page-'));
  mkdirSync(path.join(folder, 'assets'));
  write('index.html', '<!doctype html><title>Headgate</title>');
  write('assets/index-a1.js', 'export {};');
  writeFileSync(path.join(folder, 'assets/index-a1.js.gz'), gzipSync('export {};'));
  write('secret.key', 'not a file of the page');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const write = (name: string, text: string): void => writeFileSync(path.join(folder, name), text);
const ask = (file: string, more: Partial<PageRequest> = {}) =>
  answerPage(createPageFiles(() => folder)(), {
    method: 'GET',
    path: file,
    acceptEncoding: '',
    ifNoneMatch: '',
    ...more,
  });

describe('the page', () => {
  test('is below /ui and nowhere else', () => {
    expect(['/ui', '/ui/', '/ui/logs', '/ui/assets/x.js'].every(isPage)).toBe(true);
    expect(['/', '/uix', '/api/ui', '/v1/ui'].some(isPage)).toBe(false);
    expect(ask('/ui').headers['location']).toBe('/ui/');
  });

  test('answers every place with its document, which is asked for again', () => {
    for (const place of ['/ui/', '/ui/logs', '/ui/keys/key_1']) {
      const { status, headers, body } = ask(place);
      expect(status).toBe(200);
      expect(body.toString()).toContain('<title>Headgate</title>');
      expect(headers['cache-control']).toBe('no-cache');
      expect(headers['content-security-policy']).toContain("default-src 'self'");
      expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
      expect(headers['content-security-policy']).not.toMatch(/unsafe|https?:/);
    }
  });

  test('sends files with a hash in their name for good, compressed as they lie there', () => {
    const file = '/ui/assets/index-a1.js';
    const { headers, body } = ask(file, { acceptEncoding: 'gzip, deflate, br' });
    expect(headers).toMatchObject({
      'cache-control': 'public, max-age=31536000, immutable',
      'content-encoding': 'gzip',
      'content-type': 'text/javascript; charset=utf-8',
      vary: 'accept-encoding',
    });
    expect(body.equals(gzipSync('export {};'))).toBe(true);
    expect(ask(file, { acceptEncoding: 'gzip;q=0' }).headers['content-encoding']).toBeUndefined();
    expect(ask(file).body.toString()).toBe('export {};');
  });

  test('says that what is known has not changed', () => {
    const { etag = '' } = ask('/ui/').headers;
    expect(ask('/ui/', { ifNoneMatch: etag })).toMatchObject({ status: 304, body: Buffer.alloc(0) });
    expect(ask('/ui/', { ifNoneMatch: `"x", W/${etag}` }).status).toBe(304);
    expect(ask('/ui/', { ifNoneMatch: '"x"' }).status).toBe(200);
  });

  test('has no file that is not one of its own, and takes no other methods', () => {
    for (const file of ['/ui/assets/gone-b2.js', '/ui/secret.key.js', '/ui/../package.js'])
      expect(ask(file).status).toBe(404);
    // Not one of its kinds of files: a place of the page, and so the document.
    expect(ask('/ui/secret.key').body.toString()).toContain('<title>');
    expect(ask('/ui/', { method: 'POST' })).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } });
  });
});

describe('the documentation', () => {
  const read = (file: string, more: Partial<PageRequest> = {}) =>
    answerDocs(createPageFiles(() => folder)(), {
      method: 'GET',
      path: file,
      acceptEncoding: '',
      ifNoneMatch: '',
      ...more,
    });

  test('has a document for each page, and its own files', () => {
    write('limits.html', '<title>Limits</title>');
    expect(['/docs', '/docs/', '/docs/limits'].every(isDocs)).toBe(true);
    expect(isDocs('/docsy')).toBe(false);
    expect(read('/docs').headers['location']).toBe('/docs/');
    expect(read('/docs/').body.toString()).toContain('Headgate');
    for (const place of ['/docs/limits', '/docs/limits/']) {
      expect(read(place).body.toString()).toBe('<title>Limits</title>');
      expect(read(place).headers['content-security-policy']).toContain("default-src 'self'");
    }
    expect(read('/docs/assets/index-a1.js').headers['content-type']).toContain('text/javascript');
    expect(read('/docs/nothing').status).toBe(404);
    expect(read('/docs/secret.key').status).toBe(404);
    expect(read('/docs/', { method: 'PUT' }).status).toBe(405);
    expect(
      answerDocs(null, { method: 'GET', path: '/docs/', acceptEncoding: '', ifNoneMatch: '' }).status,
    ).toBe(503);
  });
});

describe('files of the page', () => {
  test('say that they are being built while there are none', () => {
    const none = answerPage(createPageFiles(() => null)(), {
      method: 'GET',
      path: '/ui/',
      acceptEncoding: '',
      ifNoneMatch: '',
    });
    expect(none.status).toBe(503);
    expect(none.body.toString()).toContain('is being built');
  });

  test('are found once they are there, and read again after a new build', () => {
    let built = false;
    const files = createPageFiles(() => (built ? folder : null));
    expect(files()).toBeNull();
    built = true;
    const first = files()?.get('index.html')?.etag;
    expect(files()?.get('index.html')?.etag).toBe(first);
    write('index.html', '<!doctype html><title>New</title>');
    utimesSync(path.join(folder, 'index.html'), 2_000_000_000, 2_000_000_000);
    expect(files()?.get('index.html')?.etag).not.toBe(first);
    // A build under way: what was read goes on.
    rmSync(path.join(folder, 'index.html'));
    expect(files()?.has('index.html')).toBe(true);
  });

  test('lie beside the sources, or beside what was built of them', () => {
    const root = path.join(folder, 'package');
    mkdirSync(path.join(root, 'ui/dist'), { recursive: true });
    writeFileSync(path.join(root, 'ui/dist/index.html'), '');
    for (const place of ['gatehouse/page', 'dist/gatehouse/page', '.cache/build/gatehouse/page'])
      expect(pageFolder(path.join(root, place))).toBe(path.join(root, 'ui/dist'));
    expect(pageFolder(path.join(root, 'a/b/c/d/e'))).toBeNull();
  });
});
