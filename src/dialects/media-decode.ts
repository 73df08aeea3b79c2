// Pictures and files of a client's message. What a part is called says little: PDFs come as `image_url` and pictures as `file`,
// so the bytes tell, then the media type, then the name.
import type { CacheMark, DocumentPart, ImagePart } from '../contracts/chat.ts';
import type { JsonObject } from '../contracts/json.ts';
import { type DataUrl, dataUrl, parseDataUrl } from './data-url.ts';
import type { Notes } from './notes.ts';
import { at, badRequest, needObject, needString, readString } from './read.ts';

const TEXT_TYPES = /^(?:text\/|application\/(?:json|xml|yaml|x-yaml)$)/;
const TEXT_NAMES = /\.(?:txt|md|csv|tsv|json|xml|ya?ml|html?|log)$/i;
const WEB = /^https?:\/\//i;

type MediaNotes = Pick<Notes, 'mustNotDrop' | 'adapted'>;

/** An `image_url` part. @throws GatewayError GW_CLIENT_BAD_REQUEST naming `image_url.url`. */
export function decodeImage(
  part: JsonObject,
  path: string,
  cache: CacheMark | null,
  notes: MediaNotes,
): ImagePart | DocumentPart {
  const where = at(path, 'image_url');
  // A bare string instead of {url} is what several clients send and providers take.
  const value = part['image_url'];
  const object: JsonObject = typeof value === 'string' ? { url: value } : needObject(part, 'image_url', path);
  const url = needString(object, 'url', where).trim();
  return imageAt(url, readString(object, 'detail', where), at(where, 'url'), cache, notes);
}

/** The picture (or PDF) at an address or in a data URL. @throws GatewayError GW_CLIENT_BAD_REQUEST naming `field`. */
export function imageAt(
  url: string,
  detail: string | null,
  field: string,
  cache: CacheMark | null,
  notes: MediaNotes,
): ImagePart | DocumentPart {
  if (WEB.test(url)) {
    if (!isPdfAddress(url)) return { kind: 'image', source: { kind: 'url', url }, detail, cache };
    notes.adapted.push(field);
    return { kind: 'document', source: { kind: 'url', url }, name: null, cache };
  }
  const data = parseDataUrl(url);
  const media = data === null ? null : mediaPart(data, detail, null, cache);
  if (data === null || media === null) {
    const message = `Invalid value: '${field}' must be an http(s) URL or a base64 data URL of an image or a PDF.`;
    throw badRequest(field, message);
  }
  if (data.misnamed || media.kind === 'document') notes.adapted.push(field);
  return media;
}

/** A `file` part; null when it is an id at another provider, noted in `mustNotDrop`. @throws GatewayError as decodeImage. */
export function decodeFile(
  part: JsonObject,
  path: string,
  cache: CacheMark | null,
  notes: MediaNotes,
): ImagePart | DocumentPart | null {
  const object = needObject(part, 'file', path);
  const where = at(path, 'file');
  const name = readString(object, 'filename', where);
  if (readString(object, 'file_id', where) !== null) {
    notes.mustNotDrop.push(at(where, 'file_id'));
    return null;
  }
  return fileFrom(needString(object, 'file_data', where).trim(), name, at(where, 'file_data'), cache, notes);
}

/** The document (or picture) that `given` is or names. @throws GatewayError GW_CLIENT_BAD_REQUEST naming `field`. */
export function fileFrom(
  given: string,
  name: string | null,
  field: string,
  cache: CacheMark | null,
  notes: MediaNotes,
): ImagePart | DocumentPart {
  if (WEB.test(given)) return { kind: 'document', source: { kind: 'url', url: given }, name, cache };
  // The documented form is a data URL; plain base64 is what its name or its bytes say, and the PDF it nearly always is.
  const read = parseDataUrl(
    /^data:/i.test(given) ? given : dataUrl(typeOfName(name) ?? 'application/pdf', given),
  );
  if (read === null) throw badRequest(field, `Invalid value: '${field}' must be a base64 data URL.`);
  const media = mediaPart(read, null, name, cache);
  if (read.misnamed || media?.kind === 'image') notes.adapted.push(field);
  return (
    media ?? {
      kind: 'document',
      source: { kind: 'base64', mediaType: read.mediaType, data: read.data },
      name,
      cache,
    }
  );
}

function mediaPart(
  { mediaType, data }: DataUrl,
  detail: string | null,
  name: string | null,
  cache: CacheMark | null,
): ImagePart | DocumentPart | null {
  if (mediaType.startsWith('image/')) {
    return { kind: 'image', source: { kind: 'base64', mediaType, data }, detail, cache };
  }
  const known = isUnspecific(mediaType) ? (typeOfName(name) ?? mediaType) : mediaType;
  if (known === 'application/pdf') {
    return { kind: 'document', source: { kind: 'base64', mediaType: known, data }, name, cache };
  }
  if (!TEXT_TYPES.test(known)) return null;
  return {
    kind: 'document',
    source: { kind: 'text', text: Buffer.from(data, 'base64').toString('utf8') },
    name,
    cache,
  };
}

function isUnspecific(mediaType: string): boolean {
  return mediaType === '' || mediaType === 'application/octet-stream';
}

function typeOfName(name: string | null): string | null {
  if (name === null) return null;
  if (/\.pdf$/i.test(name)) return 'application/pdf';
  return TEXT_NAMES.test(name) ? 'text/plain' : null;
}

function isPdfAddress(url: string): boolean {
  return URL.canParse(url) && /\.pdf$/i.test(new URL(url).pathname);
}
