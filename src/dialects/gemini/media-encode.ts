// Pictures, documents, sound and video as Gemini takes them: bytes with their type, or an address with it. Nothing is fetched
// here: an address has to say by its path what it is of.
import type { AudioPart, DocumentPart, ImagePart, VideoPart } from '../../contracts/chat.ts';
import type { JsonObject } from '../../contracts/json.ts';
import type { EncodeScope } from '../encode-scope.ts';
import { unsupported } from '../losses.ts';
import { trueMediaType } from '../media-bytes.ts';
import { soundType, typeOfUrl } from './media-types.ts';

const IMAGE = 'messages[].content[].image_url.url';
const FILE = 'messages[].content[].file';
const AUDIO = 'messages[].content[].input_audio';
const VIDEO = 'messages[].content[].video';

/** Where a part is bytes: its `inlineData`, else its `fileData`. @throws GatewayError GW_CLIENT_UNSUPPORTED. */
export function encodeMedia(
  part: ImagePart | DocumentPart | AudioPart | VideoPart,
  scope: EncodeScope,
): JsonObject {
  const { capabilities } = scope.target;
  switch (part.kind) {
    case 'image':
      if (!capabilities.images) throw unsupported(IMAGE, 'The model reads no pictures.');
      if (part.detail !== null && part.detail !== 'auto')
        scope.losses.drop('messages[].content[].image_url.detail');
      return encodeImage(part, scope);
    case 'document':
      // A name is told in answers alone.
      if (part.name !== null) scope.losses.drop('messages[].content[].file.filename');
      return encodeDocument(part, scope);
    case 'audio':
      if (!capabilities.audio) throw unsupported(AUDIO, 'The model takes no audio input.');
      return inline(soundType(part.format), part.data);
    case 'video':
      return encodeVideo(part);
  }
}

function encodeImage({ source }: ImagePart, { losses }: EncodeScope): JsonObject {
  if (source.kind === 'url') return fromAddress(source.url, null, 'image/', IMAGE);
  const mediaType = trueMediaType(source.mediaType, source.data);
  if (mediaType !== source.mediaType) losses.adapt(IMAGE);
  return inline(mediaType, source.data);
}

function encodeDocument({ source }: DocumentPart, { target }: EncodeScope): JsonObject {
  if (source.kind === 'text') return inline('text/plain', Buffer.from(source.text).toString('base64'));
  if (source.kind === 'url') return fromAddress(source.url, null, '', FILE);
  if (source.mediaType === 'application/pdf' && !target.capabilities.pdf) {
    throw unsupported(FILE, 'The model reads no PDF files.');
  }
  return inline(source.mediaType, source.data);
}

function encodeVideo({ source }: VideoPart): JsonObject {
  return source.kind === 'base64'
    ? inline(source.mediaType, source.data)
    : fromAddress(source.url, source.mediaType, 'video/', VIDEO);
}

function inline(mimeType: string, data: string): JsonObject {
  return { inlineData: { mimeType, data } };
}

// Gemini wants the type beside the address. @param kind what the type has to begin with.
function fromAddress(fileUri: string, known: string | null, kind: string, param: string): JsonObject {
  const mimeType = known ?? typeOfUrl(fileUri);
  if (mimeType?.startsWith(kind) === true) return { fileData: { mimeType, fileUri } };
  throw unsupported(
    param,
    'The provider of this model has to be told the media type of an address, and the path of this one does not say it: send the bytes instead.',
  );
}
