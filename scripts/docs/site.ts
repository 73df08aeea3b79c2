// The whole site from docs/: a document for each page, with its place among the others, and what the search looks through.
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { escaped, type Page, pageOf } from './markdown.ts';

const COPIED = /\.(png|svg|json|conf|cfg)$/;
const assets = path.join(import.meta.dirname, 'assets');

interface Entry {
  /** Below docs/, with its ending. */
  readonly file: string;
  /** `/docs/x`; the first page is `/docs/`. */
  readonly href: string;
  readonly page: Page;
}

/** Empties `to`. @returns how many pages there are */
export function buildSite(from: string, to: string): number {
  const files = readdirSync(from, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(from, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'))
    .filter((file) => !file.startsWith('dist/'))
    .sort();
  const entries = files
    .filter((file) => file.endsWith('.md'))
    .map(
      (file): Entry => ({
        file,
        href: hrefOf(file),
        page: pageOf(readFileSync(path.join(from, file), 'utf8'), file),
      }),
    );
  rmSync(to, { recursive: true, force: true });
  for (const file of files.filter((one) => COPIED.test(one)))
    copy(path.join(from, file), path.join(to, file));
  for (const file of readdirSync(assets)) copy(path.join(assets, file), path.join(to, file));
  for (const entry of entries) {
    const name = entry.file === 'README.md' ? 'index.html' : entry.file.replace(/\.md$/, '.html');
    write(path.join(to, name), documentOf(entry, entries));
  }
  const decisions = entries.filter(({ file }) => file.startsWith('decisions/'));
  if (decisions.length > 0) write(path.join(to, 'decisions.html'), documentOf(listOf(decisions), entries));
  const found = entries.flatMap(({ href, page }) =>
    page.sections.map(({ id, title, text }) => [
      `${href}${id === '' ? '' : `#${id}`}`,
      page.title,
      title,
      text,
    ]),
  );
  write(path.join(to, 'search.json'), JSON.stringify(found));
  return entries.length;
}

function hrefOf(file: string): string {
  return file === 'README.md' ? '/docs/' : `/docs/${file.replace(/\.md$/, '')}`;
}

function listOf(decisions: readonly Entry[]): Entry {
  const items = decisions.map(({ href, page }) => `<li><a href="${href}">${escaped(page.title)}</a></li>`);
  const html = `<h1>Decisions</h1>\n<ul>\n${items.join('\n')}\n</ul>\n`;
  return { file: 'decisions.md', href: '/docs/decisions', page: { title: 'Decisions', html, sections: [] } };
}

function documentOf({ href, page }: Entry, all: readonly Entry[]): string {
  const index = all.find(({ file }) => file === 'README.md');
  const pages = all.filter(({ file }) => !file.includes('/') && file !== 'README.md');
  const nav = pages.map(
    (one) =>
      `<li><a href="${one.href}"${one.href === href ? ' aria-current="page"' : ''}>${escaped(one.page.title)}</a></li>`,
  );
  const within = page.sections
    .filter(({ depth }) => depth === 2)
    .map(({ id, title }) => `<li><a href="#${id}">${escaped(title)}</a></li>`);
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escaped(page.title)} · Headgate</title>
<link rel="stylesheet" href="/docs/site.css">
<script type="module" src="/docs/search.js"></script>
<header>
<a class="home" href="/docs/">Headgate${index === undefined ? '' : ' <span>documentation</span>'}</a>
<form role="search"><input type="search" placeholder="Search" aria-label="Search the documentation" aria-controls="found"></form>
<a href="/ui/">the page</a>
</header>
<ol id="found" hidden></ol>
<div class="columns">
<nav aria-label="Pages"><ul>
${nav.join('\n')}
<li><a href="/docs/decisions"${href === '/docs/decisions' ? ' aria-current="page"' : ''}>Decisions</a></li>
</ul></nav>
<main>
${page.html}</main>
<nav class="within" aria-label="On this page">${within.length > 1 ? `<ul>\n${within.join('\n')}\n</ul>` : ''}</nav>
</div>
</html>
`;
}

function copy(from: string, to: string): void {
  mkdirSync(path.dirname(to), { recursive: true });
  copyFileSync(from, to);
  if (/\.(css|js)$/.test(to)) compress(to, readFileSync(from));
}

function write(file: string, text: string): void {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
  compress(file, Buffer.from(text));
}

/** Beside it, as the gatehouse sends it. */
function compress(file: string, bytes: Buffer): void {
  writeFileSync(`${file}.gz`, gzipSync(bytes, { level: 9 }));
}
