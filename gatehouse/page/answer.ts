// Answers below /ui: the page's own files, and its one document for every path that is a place in it; and below /docs: a document
// for each page of the documentation.
import type { Encoding, PageFile, PageFiles } from './files.ts';

/** Nothing of another host, nothing inline, in nobody's frame. Pictures a person pastes into the playground are `data:`. */
const POLICY = [
  "default-src 'self'",
  "img-src 'self' data: blob:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

const SAFE = {
  'content-security-policy': POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
};

const NOT_BUILT = `<!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="2"><title>Headgate</title>
<p>The page is being built. It comes by itself, within a minute of the first start.
<p>The API answers already: <a href="/api/openapi.json">/api/openapi.json</a>. By hand the page is built with <code>scripts/ui</code>.
`;

export interface PageRequest {
  readonly method: string;
  /** `/ui`, `/ui/…` */
  readonly path: string;
  readonly acceptEncoding: string;
  readonly ifNoneMatch: string;
}

export interface PageAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

const EMPTY = Buffer.alloc(0);

export function isDocs(path: string): boolean {
  return path === '/docs' || path.startsWith('/docs/');
}

/** `/docs/x` is `x.html` of the site; its other files have their own names. */
export function answerDocs(files: PageFiles | null, request: PageRequest): PageAnswer {
  const { method, path } = request;
  if (method !== 'GET' && method !== 'HEAD')
    return plain(405, 'The documentation takes GET and HEAD.\n', { allow: 'GET, HEAD' });
  if (path === '/docs') return { status: 308, headers: { ...SAFE, location: '/docs/' }, body: EMPTY };
  if (files === null)
    return plain(503, 'The documentation is not built: scripts/ui builds it.\n', { 'retry-after': '2' });
  const name = path.slice('/docs/'.length).replace(/\/$/, '');
  const file = files.get(name === '' ? 'index.html' : name) ?? files.get(`${name}.html`);
  if (file === undefined) return plain(404, 'There is no such page in the documentation.\n');
  return answerFile(file, request);
}

export function isPage(path: string): boolean {
  return path === '/ui' || path.startsWith('/ui/');
}

export function answerPage(files: PageFiles | null, request: PageRequest): PageAnswer {
  const { method, path } = request;
  if (method !== 'GET' && method !== 'HEAD')
    return plain(405, 'The page takes GET and HEAD.\n', { allow: 'GET, HEAD' });
  if (path === '/ui') return { status: 308, headers: { ...SAFE, location: '/ui/' }, body: EMPTY };
  if (files === null)
    return {
      status: 503,
      headers: {
        ...SAFE,
        'content-type': 'text/html; charset=utf-8',
        'cache-control': 'no-store',
        'retry-after': '2',
      },
      body: Buffer.from(NOT_BUILT),
    };
  const name = path.slice('/ui/'.length);
  const file = files.get(name) ?? (isPlace(name) ? files.get('index.html') : undefined);
  if (file === undefined) return plain(404, 'There is no such file in the page.\n');
  return answerFile(file, request);
}

/** A path of the page's own router: no file name. What lies below assets/ is a file, or gone with an older build. */
function isPlace(name: string): boolean {
  return !name.startsWith('assets/') && !/\.(js|css|map|ico|png|svg|txt)$/.test(name);
}

function answerFile(file: PageFile, { acceptEncoding, ifNoneMatch }: PageRequest): PageAnswer {
  const encoding = (['br', 'gzip'] as const).find(
    (one) => file.bytes.has(one) && accepts(acceptEncoding, one),
  );
  const headers: Record<string, string> = {
    ...SAFE,
    'content-type': file.type,
    'cache-control': file.immutable ? 'public, max-age=31536000, immutable' : 'no-cache',
    etag: file.etag,
    vary: 'accept-encoding',
  };
  if (ifNoneMatch.split(',').some((one) => one.trim().replace(/^W\//, '') === file.etag))
    return { status: 304, headers, body: EMPTY };
  if (encoding !== undefined) headers['content-encoding'] = encoding;
  return { status: 200, headers, body: file.bytes.get(encoding ?? 'identity') ?? EMPTY };
}

function accepts(header: string, encoding: Exclude<Encoding, 'identity'>): boolean {
  return header.split(',').some((part) => {
    const [name = '', ...params] = part.split(';').map((one) => one.trim().toLowerCase());
    return name === encoding && !params.some((param) => /^q=0(\.0*)?$/.test(param));
  });
}

function plain(status: number, text: string, headers: Record<string, string> = {}): PageAnswer {
  return {
    status,
    headers: {
      ...SAFE,
      'content-type': 'text/plain; charset=utf-8',
      'cache-control': 'no-store',
      ...headers,
    },
    body: Buffer.from(text),
  };
}
