// Bytes of pictures and documents as clients write them, and as strict vendors take them: standard base64 with its padding,
// under the type that the bytes really have.

const STANDARD = /^[A-Za-z0-9+/]*={0,2}$/;
/** URL-safe letters and the line ends of MIME included. */
const LOOSE = /^[A-Za-z0-9+/_\s-]*={0,2}\s*$/;
/** Base64 characters of the first bytes that are looked at. */
const HEAD = 32;

/** What begins so, is so. */
const SIGNATURES: readonly (readonly [begin: RegExp, mediaType: string])[] = [
  [/^\x89PNG\r\n/, 'image/png'],
  [/^\xff\xd8\xff/, 'image/jpeg'],
  [/^GIF8[79]a/, 'image/gif'],
  [/^RIFF[\s\S]{4}WEBP/, 'image/webp'],
  [/^%PDF-/, 'application/pdf'],
];

/** Names that no standard knows for types that it does. */
const ALIASES: ReadonlyMap<string, string> = new Map([
  ['image/jpg', 'image/jpeg'],
  ['image/pjpeg', 'image/jpeg'],
  ['image/x-png', 'image/png'],
  ['application/x-pdf', 'application/pdf'],
]);

/** Standard base64 of the same bytes; null when `text` is none. The same text when there was nothing to mend. */
export function standardBase64(text: string): string | null {
  if (text.length % 4 === 0 && STANDARD.test(text)) return text;
  if (text.includes('%')) return unescaped(text);
  if (!LOOSE.test(text)) return null;
  const bare = text
    .replace(/[\s=]+/g, '')
    .replaceAll('-', '+')
    .replaceAll('_', '/');
  if (bare.length % 4 === 1) return null;
  return bare.padEnd(Math.ceil(bare.length / 4) * 4, '=');
}

// `%2B` and its like, as some write data URLs.
function unescaped(text: string): string | null {
  try {
    const plain = decodeURIComponent(text);
    return plain.includes('%') ? null : standardBase64(plain);
  } catch {
    return null;
  }
}

/** The media type of these bytes: what they begin with tells, else the name they were given, else ''. */
export function trueMediaType(named: string, base64: string): string {
  const head = Buffer.from(base64.slice(0, HEAD), 'base64').toString('latin1');
  for (const [begin, mediaType] of SIGNATURES) if (begin.test(head)) return mediaType;
  return ALIASES.get(named) ?? named;
}

/** How many bytes standard base64 stands for. */
export function byteCount(base64: string): number {
  const padding = base64.endsWith('==') ? 2 : base64.endsWith('=') ? 1 : 0;
  return Math.max(0, (base64.length / 4) * 3 - padding);
}
