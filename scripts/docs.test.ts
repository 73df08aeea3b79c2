import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pageOf, slugOf, targetOf } from './docs/markdown.ts';
import { buildSite } from './docs/site.ts';

const docs = path.resolve(import.meta.dirname, '../docs');
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'headgate-docs-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a page', () => {
  it('has headings that can be linked to, each by a name of its own', () => {
    const { html, sections, title } = pageOf(
      '# A `b`, c\n\n## Same\n\none two\n\n## Same\n\n### x: y\n',
      'a.md',
    );
    expect(title).toBe('A b, c');
    expect(sections.map(({ id }) => id)).toEqual(['a-b-c', 'same', 'same-1', 'x-y']);
    for (const { id } of sections) expect(html).toContain(`id="${id}"`);
    expect(sections[1]!.text).toContain('one two');
  });

  it('has nothing that could run where texts are only shown', () => {
    const { html } = pageOf('# T <b>\n\n`<script>` and [x](a.md "t")\n', 'a.md');
    expect(html).toContain('&lt;script&gt;');
    expect(html).not.toContain('<script');
  });

  it.each([
    ['limits.md', 'a.md', '/docs/limits'],
    ['../limits.md#x', 'decisions/1.md', '/docs/limits#x'],
    ['README.md', 'a.md', '/docs/'],
    ['decisions', 'a.md', '/docs/decisions'],
    ['examples/python', 'a.md', null],
    ['proto/a.proto', 'a.md', null],
    ['images/a.png', 'a.md', '/docs/images/a.png'],
    ['../deploy/x.yaml', 'a.md', null],
    ['https://example.com/a.md', 'a.md', 'https://example.com/a.md'],
    ['#here', 'a.md', '#here'],
  ])('%s in %s leads to %s', (href, from, target) => expect(targetOf(href, from)).toBe(target));

  it('names headings as GitHub does', () => {
    expect(slugOf('LiteLLM’s calls: `a` & b')).toBe('litellms-calls-a--b');
  });
});

describe('the site', () => {
  let files: string[];
  const read = (name: string): string => readFileSync(path.join(folder, 'site', name), 'utf8');
  beforeAll(() => {
    expect(buildSite(docs, path.join(folder, 'site'))).toBeGreaterThan(20);
    files = readdirSync(path.join(folder, 'site'), { recursive: true }).map(String);
  });

  it('has no link that leads nowhere', () => {
    const pages = files.filter((file) => file.endsWith('.html'));
    const lost: string[] = [];
    for (const page of pages)
      for (const [, target] of read(page).matchAll(/(?:href|src)="(\/docs\/[^"]*|#[^"]*)"/g)) {
        const [place = '', anchor] = target!.split('#');
        const name = place === '' ? page.replace(/\.html$/, '') : place.slice('/docs/'.length) || 'index';
        const file = existsSync(path.join(folder, 'site', `${name}.html`)) ? `${name}.html` : name;
        const there = existsSync(path.join(folder, 'site', file));
        if (!there || (anchor !== undefined && !read(file).includes(`id="${anchor}"`)))
          lost.push(`${page}: ${target}`);
      }
    expect(lost).toEqual([]);
  });

  it('takes nothing of another host, and has nothing inline', () => {
    for (const page of files.filter((file) => file.endsWith('.html'))) {
      expect(read(page)).not.toMatch(/<(?:script|link|img|iframe)[^>]+(?:src|href)="https?:/);
      expect(read(page)).not.toMatch(/<script(?![^>]+src=)|<style|\sstyle=|\son[a-z]+="/);
    }
  });

  it('can be searched', () => {
    const found = JSON.parse(read('search.json')) as [string, string, string, string][];
    expect(
      found.some(([href, , title]) => href.startsWith('/docs/configuration#') && /budget/i.test(title)),
    ).toBe(true);
  });

  it('leaves nothing of an older one', () => {
    mkdirSync(path.join(folder, 'few'));
    writeFileSync(path.join(folder, 'few/README.md'), '# One\n');
    mkdirSync(path.join(folder, 'out'));
    writeFileSync(path.join(folder, 'out/old.html'), '');
    expect(buildSite(path.join(folder, 'few'), path.join(folder, 'out'))).toBe(1);
    expect(existsSync(path.join(folder, 'out/old.html'))).toBe(false);
    expect(readFileSync(path.join(folder, 'out/index.html'), 'utf8')).toContain('<h1 id="one">');
  });
});
