// What a client is told of a picture or sound in an answer that its API has no place for: an answer that holds nothing else
// must not look empty.
import type { Json } from '../contracts/json.ts';
import { objectAt, stringAt } from './lenient.ts';
import { byteCount } from './media-bytes.ts';
import { isObject } from './read.ts';

/** An address a client can follow. A data URL is none: nobody wants it in a text. */
const ADDRESS = /^https?:\/\//i;

/** A line of text about a part of an answer that is no text; '' when it is none we know. */
export function mediaNote(part: Json): string {
  if (!isObject(part)) return '';
  const type = stringAt(part, 'type') ?? '';
  const url =
    stringAt(objectAt(part, 'image_url') ?? {}, 'url') ??
    stringAt(part, 'image_url') ??
    stringAt(part, 'url');
  const source = objectAt(part, 'source');
  const known = url !== null || source !== null || /image|audio|document|file/.test(type);
  if (!known) return '';
  const what = /audio/.test(type) ? 'sound' : /document|file/.test(type) ? 'file' : 'picture';
  const address = url ?? (source === null ? null : stringAt(source, 'url'));
  if (address !== null && ADDRESS.test(address)) return `[The model answered with a ${what}: ${address}]`;
  return `[The model answered with a ${what}${detailOf(address, source)}, which this API cannot carry.]`;
}

function detailOf(url: string | null, source: Json): string {
  const head = url === null ? null : /^data:([^;,]*)[^,]*,/i.exec(url);
  const mediaType = head?.[1] ?? (isObject(source) ? stringAt(source, 'media_type') : null);
  const data = head ? url!.slice(head[0].length) : isObject(source) ? stringAt(source, 'data') : null;
  if (!mediaType || data === null) return '';
  return ` (${mediaType}, ${Math.floor(byteCount(data))} bytes)`;
}
