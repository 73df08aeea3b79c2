// Pictures and documents as Claude takes them: four types of picture, PDF and plain text, addresses by https alone. Anything
// else is refused here, before the call.
import type { DocumentPart, ImagePart } from '../../contracts/chat.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { type Losses, unsupported } from '../losses.ts';
import { trueMediaType } from '../media-bytes.ts';

const PICTURES: ReadonlySet<string> = new Set(['image/jpeg', 'image/png', 'image/gif', 'image/webp']);
const IMAGE = 'messages[].content[].image_url.url';
const FILE = 'messages[].content[].file';

/** An `image` block, without its cache mark. @throws GatewayError GW_CLIENT_UNSUPPORTED. */
export function encodeImage({ source, detail }: ImagePart, losses: Losses): JsonObject {
  if (detail !== null && detail !== 'auto') losses.drop('messages[].content[].image_url.detail');
  if (source.kind === 'url')
    return { type: 'image', source: { type: 'url', url: secure(source.url, IMAGE) } };
  const mediaType = trueMediaType(source.mediaType, source.data);
  if (mediaType !== source.mediaType) losses.adapt(IMAGE);
  if (!PICTURES.has(mediaType)) {
    const message = `The provider of this model reads JPEG, PNG, GIF and WebP pictures, not '${mediaType}'.`;
    throw unsupported(IMAGE, message);
  }
  return { type: 'image', source: { type: 'base64', media_type: mediaType, data: source.data } };
}

/** A `document` block, without its cache mark. @throws GatewayError GW_CLIENT_UNSUPPORTED. */
export function encodeDocument({ source, name, citations }: DocumentPart, losses: Losses): JsonObject {
  const block: JsonObject = { type: 'document', source: documentSource(source, losses) };
  if (name !== null) block.title = name;
  if (citations === true) block.citations = { enabled: true };
  return block;
}

function documentSource(source: DocumentPart['source'], losses: Losses): JsonObject {
  switch (source.kind) {
    case 'url':
      return { type: 'url', url: secure(source.url, FILE) };
    case 'text':
      return { type: 'text', media_type: 'text/plain', data: source.text };
    case 'base64':
      if (source.mediaType === 'application/pdf') {
        return { type: 'base64', media_type: source.mediaType, data: source.data };
      }
      if (source.mediaType.startsWith('text/')) {
        losses.adapt(FILE);
        return {
          type: 'text',
          media_type: 'text/plain',
          data: Buffer.from(source.data, 'base64').toString(),
        };
      }
      throw unsupported(FILE, 'The provider of this model reads PDF and plain text files only.');
  }
}

function secure(url: string, param: string): string {
  if (/^https:\/\//i.test(url)) return url;
  throw unsupported(param, 'The provider of this model fetches https addresses only.');
}
