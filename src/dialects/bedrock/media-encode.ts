// Media as Converse takes them: bytes alone, in formats it has a name for. Anything else is refused here, before the call.
import type { AudioPart, DocumentPart, ImagePart, VideoPart } from '../../contracts/chat.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { type Losses, unsupported } from '../losses.ts';
import { trueMediaType } from '../media-bytes.ts';
import type { DocumentNames } from './document-names.ts';
import { AUDIO_FORMATS, formatOf } from './media.ts';

const IMAGE = 'messages[].content[].image_url.url';
const FILE = 'messages[].content[].file';
const VIDEO = 'messages[].content[].video';
const AUDIO = 'messages[].content[].input_audio';
const NO_ADDRESS = 'The provider of this model fetches nothing: it takes the bytes of';

/** @throws GatewayError GW_CLIENT_UNSUPPORTED for an address, or a picture it does not read. */
export function encodeImage({ source, detail }: ImagePart, losses: Losses): JsonObject {
  if (detail !== null && detail !== 'auto') losses.drop('messages[].content[].image_url.detail');
  if (source.kind === 'url') throw unsupported(IMAGE, `${NO_ADDRESS} an image, not its address.`);
  const mediaType = trueMediaType(source.mediaType, source.data);
  const format = formatOf('image', mediaType);
  if (format === null) {
    const message = `The provider of this model reads PNG, JPEG, GIF and WebP pictures, not '${mediaType}'.`;
    throw unsupported(IMAGE, message);
  }
  return { image: { format, source: { bytes: source.data } } };
}

/** @throws GatewayError GW_CLIENT_UNSUPPORTED as encodeImage. */
export function encodeDocument(
  { source, name, citations }: DocumentPart,
  names: DocumentNames,
  losses: Losses,
): JsonObject {
  if (source.kind === 'url') throw unsupported(FILE, `${NO_ADDRESS} a file, not its address.`);
  const named = name ?? '';
  const wire = names.take(name);
  if (wire !== named && name !== null) losses.adapt(`${FILE}.filename`);
  const { format, bytes } =
    source.kind === 'text'
      ? { format: 'txt', bytes: Buffer.from(source.text).toString('base64') }
      : { format: formatOf('document', source.mediaType), bytes: source.data };
  if (format === null) {
    const message =
      'The provider of this model reads PDF, CSV, Word, Excel, HTML, Markdown and plain text files.';
    throw unsupported(FILE, message);
  }
  const cited = citations === true ? { citations: { enabled: true } } : {};
  return { document: { format, name: wire, source: { bytes }, ...cited } };
}

/** @throws GatewayError GW_CLIENT_UNSUPPORTED as encodeImage. */
export function encodeVideo({ source }: VideoPart): JsonObject {
  if (source.kind === 'url') throw unsupported(VIDEO, `${NO_ADDRESS} a video, not its address.`);
  const format = formatOf('video', source.mediaType);
  if (format !== null) return { video: { format, source: { bytes: source.data } } };
  throw unsupported(VIDEO, `The provider of this model reads no '${source.mediaType}' videos.`);
}

/** @throws GatewayError GW_CLIENT_UNSUPPORTED for a format it does not read, or a model that hears nothing. */
export function encodeAudio({ format, data }: AudioPart, hears: boolean): JsonObject {
  if (!hears) throw unsupported(AUDIO, 'The provider of this model takes no audio input.');
  if (AUDIO_FORMATS.has(format)) return { audio: { format, source: { bytes: data } } };
  throw unsupported(AUDIO, `The provider of this model reads no sound in the format '${format}'.`);
}
