// Neutral parts of what a client says, as content parts.
import type { CacheMark, DocumentPart, ImagePart, TextPart } from '../../contracts/chat.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { dataUrl } from '../data-url.ts';
import type { EncodeScope } from '../encode-scope.ts';
import { unsupported } from '../losses.ts';
import { collapse, defaultName, withBreakpoint } from '../openai-chat/parts-encode.ts';
import { at } from '../read.ts';
import { documentText, type Placed } from '../results-apart.ts';

/** Content of text alone. */
export function inputText(parts: readonly Placed<TextPart>[], scope: EncodeScope): string | JsonObject[] {
  return collapse(parts.map(({ part, path }) => textPart(part, path, scope)));
}

/** Content of a user's message, or of a tool's output. */
export function inputContent(parts: readonly Placed[], scope: EncodeScope): string | JsonObject[] {
  return collapse(parts.map((entry) => contentPart(entry, scope)));
}

function contentPart({ part, path }: Placed, scope: EncodeScope): JsonObject {
  switch (part.kind) {
    case 'text':
      return textPart(part, path, scope);
    case 'image':
      return imagePart(part, path, scope);
    case 'document':
      return documentPart(part, path, scope);
    default:
      throw unsupported(path, `'${path}': Responses take no ${part.kind} there.`);
  }
}

function textPart(part: TextPart, path: string, scope: EncodeScope): JsonObject {
  return marked({ type: 'input_text', text: part.text }, part.cache, path, scope);
}

function imagePart({ source, detail, cache }: ImagePart, path: string, scope: EncodeScope): JsonObject {
  const url = source.kind === 'url' ? source.url : dataUrl(source.mediaType, source.data);
  const image: JsonObject = { type: 'input_image', image_url: url };
  if (detail !== null) image['detail'] = detail;
  return marked(image, cache, path, scope);
}

function documentPart({ source, name, cache }: DocumentPart, path: string, scope: EncodeScope): JsonObject {
  switch (source.kind) {
    case 'url':
      if (name !== null) scope.losses.drop(at(path, 'title'));
      return marked({ type: 'input_file', file_url: source.url }, cache, path, scope);
    case 'text':
      // Files are binary formats here; plain text says the same as a text part.
      scope.losses.adapt(path);
      return marked({ type: 'input_text', text: documentText(name, source.text) }, cache, path, scope);
    case 'base64': {
      const filename = name ?? defaultName(source.mediaType);
      const file = { type: 'input_file', filename, file_data: dataUrl(source.mediaType, source.data) };
      return marked(file, cache, path, scope);
    }
  }
}

function marked(written: JsonObject, cache: CacheMark | null, path: string, scope: EncodeScope): JsonObject {
  if (cache === null) return written;
  const { losses, target } = scope;
  if (target.capabilities.cacheMarks !== 'breakpoint') {
    // They cache by themselves.
    losses.drop(at(path, 'cache_control'));
    return written;
  }
  return withBreakpoint(written, cache, path, losses);
}
