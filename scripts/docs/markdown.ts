// One page of docs/ as HTML: headings that can be linked to, links between pages as the site has them.
import path from 'node:path';
import { Marked, type Token, type Tokens } from 'marked';

export interface Section {
  /** Of its heading; '' = what stands before the first one. */
  readonly id: string;
  readonly title: string;
  readonly depth: number;
  /** Plain, for the search. */
  readonly text: string;
}

export interface Page {
  readonly title: string;
  readonly html: string;
  readonly sections: readonly Section[];
}

/** As GitHub makes them: links of the files work in both places. */
export function slugOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-');
}

/** Where a link of a file leads in the site; null = to something that is no part of it. @param from `decisions/0001-x.md` */
export function targetOf(href: string, from: string): string | null {
  if (/^(https?:|mailto:|#)/.test(href)) return href;
  const [file = '', hash] = href.split('#', 2);
  const joined = path.posix.join(path.posix.dirname(from), file);
  if (joined.startsWith('..')) return null;
  const anchor = hash === undefined ? '' : `#${hash}`;
  if (joined === 'README.md') return `/docs/${anchor}`;
  if (joined.endsWith('.md')) return `/docs/${joined.slice(0, -'.md'.length)}${anchor}`;
  if (/\.(png|json|conf|cfg)$/.test(joined)) return `/docs/${joined}`;
  // Folders and files of other kinds are in the checkout and the package, not in the site.
  return /^decisions\/?$/.test(joined) ? `/docs/decisions${anchor}` : null;
}

/** @param from path below docs/ */
export function pageOf(text: string, from: string): Page {
  const sections: Section[] = [];
  const idOf = createIds();
  const marked = new Marked({
    gfm: true,
    renderer: {
      heading({ tokens, depth }) {
        const id = idOf(plainText(tokens));
        return `<h${depth} id="${id}"><a href="#${id}">${this.parser.parseInline(tokens)}</a></h${depth}>\n`;
      },
      link({ href, tokens }) {
        const inner = this.parser.parseInline(tokens);
        const target = targetOf(href, from);
        return target === null ? inner : `<a href="${escaped(target)}">${inner}</a>`;
      },
      image: ({ href, text: alt }) =>
        `<img src="${escaped(targetOf(href, from) ?? href)}" alt="${escaped(alt)}" loading="lazy">`,
      table(token) {
        const row = (cells: Tokens.TableCell[], tag: string): string =>
          `<tr>${cells.map(({ tokens }) => `<${tag}>${this.parser.parseInline(tokens)}</${tag}>`).join('')}</tr>`;
        return `<div class="wide"><table><thead>${row(token.header, 'th')}</thead><tbody>${token.rows
          .map((cells) => row(cells, 'td'))
          .join('\n')}</tbody></table></div>\n`;
      },
    },
  });
  const tokens = marked.lexer(text);
  collect(tokens, sections);
  const html = marked.parser(tokens);
  const title = sections.find(({ depth }) => depth === 1)?.title ?? path.posix.basename(from, '.md');
  return { title, html, sections };
}

/** Of headings in the order of a page: the second of a name has a number behind it. */
function createIds(): (heading: string) => string {
  const taken = new Map<string, number>();
  return (heading) => {
    const slug = slugOf(heading);
    const before = taken.get(slug) ?? 0;
    taken.set(slug, before + 1);
    return before === 0 ? slug : `${slug}-${before}`;
  };
}

function collect(tokens: readonly Token[], into: Section[]): void {
  const idOf = createIds();
  for (const token of tokens) {
    if (token.type === 'heading') {
      const heading = token as Tokens.Heading;
      const title = plainText(heading.tokens);
      into.push({ id: idOf(title), title, depth: heading.depth, text: '' });
      continue;
    }
    const last = into.pop() ?? { id: '', title: '', depth: 0, text: '' };
    into.push({ ...last, text: `${last.text} ${token.raw.replace(/[|`*#>\s-]+/g, ' ')}`.slice(0, 4_000) });
  }
}

function plainText(tokens: readonly Token[]): string {
  return tokens
    .map((token) =>
      'tokens' in token && token.tokens ? plainText(token.tokens) : 'text' in token ? token.text : '',
    )
    .join('');
}

export function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (mark) => `&#${mark.charCodeAt(0)};`);
}
