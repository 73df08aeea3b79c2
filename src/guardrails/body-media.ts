// Pictures, sound and other media of a JSON request, in any dialect: what checks of texts do not see.
import type { Json } from '../contracts/json.ts';

export interface Media {
  /** Addresses, or `data:` with the bytes. */
  readonly images: readonly string[];
  /** Sound, video and files that are no text: how many. */
  readonly others: number;
}

export const NO_MEDIA: Media = { images: [], others: 0 };

/** Without one of these words there is none. */
export const MEDIA_SIGNS = [
  'image',
  'audio',
  'video',
  'mime',
  'media_type',
  'file_data',
  '"document"',
  ';base64,',
];
const IMAGE_KEYS: ReadonlySet<string> = new Set(['image_url', 'image', 'input_image', 'mask', 'images']);
/** Their bytes stand in `data`, whatever they are called. */
const SOUND_KEYS: ReadonlySet<string> = new Set(['input_audio', 'audio', 'video', 'input_video']);

/** @param body valid JSON. @param drawn every address or `b64_json` in it is a picture. */
export function mediaOf(body: Buffer, drawn = false): Media {
  if (!drawn && !MEDIA_SIGNS.some((sign) => body.includes(sign))) return NO_MEDIA;
  const found = { images: [] as string[], others: 0 };
  look(JSON.parse(body.toString('utf8')) as Json, drawn ? DRAWN : '', found);
  return found;
}

/** Key of what holds pictures and nothing else. */
const DRAWN = 'drawn';

function look(value: Json | undefined, key: string, found: { images: string[]; others: number }): void {
  if (typeof value === 'string') {
    const type = /^data:([a-z]+)\//i.exec(value)?.[1]?.toLowerCase();
    if (type === 'image' || (IMAGE_KEYS.has(key) && /^(?:https?:|data:)/i.test(value)))
      found.images.push(value);
    else if (type !== undefined && type !== 'text') found.others++;
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    for (const item of value) look(item, key, found);
    return;
  }
  if (key === DRAWN) {
    draw(value as Readonly<Record<string, Json | undefined>>, found);
    return;
  }
  const object = value as Readonly<Record<string, Json | undefined>>;
  const type = object['media_type'] ?? object['mimeType'] ?? object['mime_type'];
  const data = object['data'] ?? object['bytes'] ?? object['file_data'];
  if (typeof type === 'string') {
    const url = object['url'] ?? object['fileUri'] ?? object['file_uri'];
    const at = typeof data === 'string' ? `data:${type};base64,${data}` : url;
    if (typeof at === 'string' && type.startsWith('image/')) found.images.push(at);
    else if (typeof at === 'string' && !type.startsWith('text/')) found.others++;
    return;
  }
  if (typeof data === 'string' && (SOUND_KEYS.has(key) || typeof object['format'] === 'string')) {
    found.others++;
    return;
  }
  // Bedrock: `{ image: { format, source: { bytes } } }`.
  const { format, source } = object as { format?: Json; source?: Json };
  const bytes = typeof source === 'object' && source !== null && 'bytes' in source ? source.bytes : undefined;
  if (typeof format === 'string' && typeof bytes === 'string') {
    if (key === 'image') found.images.push(`data:image/${format};base64,${bytes}`);
    else found.others++;
    return;
  }
  // `{ type: 'image', source: { type: 'url', url } }`, `{ image_url: { url } }`.
  const isImage = IMAGE_KEYS.has(key) || object['type'] === 'image' || object['type'] === 'input_image';
  for (const [name, member] of Object.entries(object))
    look(member, isImage && (name === 'url' || name === 'source') ? 'image_url' : name, found);
}

/** What a model drew: `{ data: [{ b64_json }] }`, `{ data: [{ url }] }`, and events with one picture each. */
function draw(
  object: Readonly<Record<string, Json | undefined>>,
  found: { images: string[]; others: number },
): void {
  for (const [name, member] of Object.entries(object)) {
    const isBytes = typeof member === 'string' && (name === 'b64_json' || name === 'image');
    if (isBytes && !/^(?:https?|data):/i.test(member))
      found.images.push(`data:${typeOfPicture(member)};base64,${member}`);
    else look(member, name === 'url' ? 'image_url' : DRAWN, found);
  }
}

/** How base64 of a picture begins. */
const BEGINNINGS = [
  ['/9j/', 'image/jpeg'],
  ['UklGR', 'image/webp'],
  ['R0lGOD', 'image/gif'],
] as const;

/** Models draw PNG unless they are asked for something else, and no answer says which. */
function typeOfPicture(base64: string): string {
  return BEGINNINGS.find(([beginning]) => base64.startsWith(beginning))?.[1] ?? 'image/png';
}
