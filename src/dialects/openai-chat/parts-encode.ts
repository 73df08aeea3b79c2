// Neutral parts into OpenAI content parts.
import type { CacheMark, DocumentPart, ImagePart, TextPart } from '../../contracts/chat.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { dataUrl } from '../data-url.ts';
import type { EncodeScope } from '../encode-scope.ts';
import { type Losses, unsupported } from '../losses.ts';
import { at } from '../read.ts';
import { documentText, type Placed } from '../results-apart.ts';

/** Content of text only: the plain string where one part says it all, else a list. */
export function textContent(parts: readonly Placed<TextPart>[], scope: EncodeScope): string | JsonObject[] {
  return collapse(parts.map(({ part, path }) => textPart(part, path, scope)));
}

/** Content of a user message. */
export function userContent(parts: readonly Placed[], scope: EncodeScope): string | JsonObject[] {
  return collapse(parts.map((placed) => contentPart(placed, scope)));
}

/** The plain string where one part says it all. */
export function collapse(written: JsonObject[]): string | JsonObject[] {
  if (written.length === 0) return '';
  const [only] = written;
  const plain = written.length === 1 && typeof only?.['text'] === 'string' && Object.keys(only).length === 2;
  return plain ? (only['text'] as string) : written;
}

function contentPart({ part, path }: Placed, scope: EncodeScope): JsonObject {
  switch (part.kind) {
    case 'text':
      return textPart(part, path, scope);
    case 'image':
      return imagePart(part, path, scope);
    case 'document':
      return documentPart(part, path, scope);
    case 'audio':
      return { type: 'input_audio', input_audio: { data: part.data, format: part.format } };
    default:
      throw unsupported(path, `'${path}' (${part.kind}) cannot stand in a user message.`);
  }
}

function textPart(part: TextPart, path: string, scope: EncodeScope): JsonObject {
  return marked({ type: 'text', text: part.text }, part.cache, path, scope);
}

function imagePart(part: ImagePart, path: string, scope: EncodeScope): JsonObject {
  const { source, detail, cache } = part;
  const image: JsonObject = {
    url: source.kind === 'url' ? source.url : dataUrl(source.mediaType, source.data),
  };
  if (detail !== null) image['detail'] = detail;
  return marked({ type: 'image_url', image_url: image }, cache, path, scope);
}

function documentPart(part: DocumentPart, path: string, scope: EncodeScope): JsonObject {
  const { source, name, cache } = part;
  switch (source.kind) {
    case 'url':
      throw unsupported(path, `'${path}': this provider takes documents as bytes, not by address.`);
    case 'text': {
      // Files are binary formats here; plain text says the same as a text part.
      scope.losses.adapt(path);
      return marked({ type: 'text', text: documentText(name, source.text) }, cache, path, scope);
    }
    case 'base64': {
      const file = {
        filename: name ?? defaultName(source.mediaType),
        file_data: dataUrl(source.mediaType, source.data),
      };
      return marked({ type: 'file', file }, cache, path, scope);
    }
  }
}

/** OpenAI wants a file name beside file_data. */
export function defaultName(mediaType: string): string {
  return `document.${mediaType.split('/')[1] ?? 'pdf'}`;
}

function marked(written: JsonObject, cache: CacheMark | null, path: string, scope: EncodeScope): JsonObject {
  if (cache === null) return written;
  const { losses, target } = scope;
  switch (target.capabilities.cacheMarks) {
    case 'none':
    case 'cache_point':
      // They cache by themselves, and most refuse a field they do not know.
      losses.drop(at(path, 'cache_control'));
      return written;
    case 'cache_control':
      written['cache_control'] =
        cache.ttl === null ? { type: 'ephemeral' } : { type: 'ephemeral', ttl: cache.ttl };
      return written;
    case 'breakpoint':
      return withBreakpoint(written, cache, path, losses);
  }
}

/** The part as the end of a prefix to keep. */
export function withBreakpoint(
  written: JsonObject,
  { ttl }: CacheMark,
  path: string,
  losses: Losses,
): JsonObject {
  // Its life is the request's (`prompt_cache_options.ttl`, 30m): a longer one cannot be asked for.
  if (ttl !== null && ttl !== '5m' && ttl !== '30m') losses.adapt(at(path, 'cache_control'));
  written['prompt_cache_breakpoint'] = { mode: 'explicit' };
  return written;
}
