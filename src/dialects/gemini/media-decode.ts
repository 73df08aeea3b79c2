// `inlineData` and `fileData` of a client into neutral media.
import type { Part } from '../../contracts/chat.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { standardBase64, trueMediaType } from '../media-bytes.ts';
import { at, badRequest, needString, readString } from '../read.ts';
import { isTextType, soundFormat, typeOfUrl } from './media-types.ts';
import type { Notes } from './notes.ts';

/** Bytes. Google's SDKs write the URL-safe alphabet, which nobody else reads. @throws GatewayError naming `data`. */
export function decodeInlineData(blob: JsonObject, path: string): Part {
  const data = standardBase64(needString(blob, 'data', path));
  const field = at(path, 'data');
  if (data === null) throw badRequest(field, `Invalid value: '${field}' must be base64.`);
  const named = needString(blob, 'mimeType', path).trim().toLowerCase();
  if (named === '')
    throw badRequest(at(path, 'mimeType'), `Missing value: '${at(path, 'mimeType')}' names no type.`);
  const name = readString(blob, 'displayName', path);
  if (named.startsWith('audio/')) return { kind: 'audio', format: soundFormat(named), data };
  const mediaType = trueMediaType(named, data);
  if (mediaType.startsWith('image/')) {
    return { kind: 'image', source: { kind: 'base64', mediaType, data }, detail: null, cache: null };
  }
  if (mediaType.startsWith('video/')) return { kind: 'video', source: { kind: 'base64', mediaType, data } };
  if (isTextType(mediaType)) {
    const text = Buffer.from(data, 'base64').toString('utf8');
    return { kind: 'document', source: { kind: 'text', text }, name, cache: null };
  }
  return { kind: 'document', source: { kind: 'base64', mediaType, data }, name, cache: null };
}

/** An address; null when it is one that only this provider can read, noted in `mustNotDrop`. */
export function decodeFileData(file: JsonObject, path: string, notes: Notes): Part | null {
  const url = needString(file, 'fileUri', path).trim();
  const name = readString(file, 'displayName', path);
  const named = readString(file, 'mimeType', path)?.trim().toLowerCase() || typeOfUrl(url);
  if (isStored(url) || named === null || named.startsWith('audio/')) {
    notes.mustNotDrop.push(at(path, 'fileUri'));
    return null;
  }
  if (named.startsWith('image/')) {
    return { kind: 'image', source: { kind: 'url', url }, detail: null, cache: null };
  }
  if (named.startsWith('video/')) return { kind: 'video', source: { kind: 'url', url, mediaType: named } };
  return { kind: 'document', source: { kind: 'url', url }, name, cache: null };
}

// An upload of the Files API, an object of Google's storage, or a bare id.
function isStored(url: string): boolean {
  return !/^https?:\/\//i.test(url) || /^https?:\/\/generativelanguage\.googleapis\.com\//i.test(url);
}
