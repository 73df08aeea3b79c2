// Formats of media as Bedrock names them, and the media types that others know them by.

const IMAGES: readonly (readonly [format: string, mediaType: string])[] = [
  ['png', 'image/png'],
  ['jpeg', 'image/jpeg'],
  ['gif', 'image/gif'],
  ['webp', 'image/webp'],
];
const DOCUMENTS: readonly (readonly [format: string, mediaType: string])[] = [
  ['pdf', 'application/pdf'],
  ['csv', 'text/csv'],
  ['doc', 'application/msword'],
  ['docx', 'application/vnd.openxmlformats-officedocument.wordprocessingml.document'],
  ['xls', 'application/vnd.ms-excel'],
  ['xlsx', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'],
  ['html', 'text/html'],
  ['txt', 'text/plain'],
  ['md', 'text/markdown'],
];
const VIDEOS: readonly (readonly [format: string, mediaType: string])[] = [
  ['mp4', 'video/mp4'],
  ['mov', 'video/quicktime'],
  ['mkv', 'video/x-matroska'],
  ['webm', 'video/webm'],
  ['flv', 'video/x-flv'],
  ['mpeg', 'video/mpeg'],
  ['wmv', 'video/x-ms-wmv'],
  ['three_gp', 'video/3gpp'],
];

export type MediaKind = 'image' | 'document' | 'video';

const KINDS: Readonly<Record<MediaKind, typeof IMAGES>> = {
  image: IMAGES,
  document: DOCUMENTS,
  video: VIDEOS,
};

/** Bedrock's name of the format; null when it does not take it. */
export function formatOf(kind: MediaKind, mediaType: string): string | null {
  const found = KINDS[kind].find(([, type]) => type === mediaType);
  if (found !== undefined) return found[0];
  return kind === 'document' && mediaType.startsWith('text/') ? 'txt' : null;
}

/** The media type of a format; '' for one we do not know. */
export function mediaTypeOf(kind: MediaKind, format: string): string {
  return KINDS[kind].find(([name]) => name === format)?.[1] ?? '';
}

/** Formats of sound it takes under these names. */
export const AUDIO_FORMATS: ReadonlySet<string> = new Set([
  'aac',
  'flac',
  'm4a',
  'mka',
  'mkv',
  'mp3',
  'mp4',
  'mpeg',
  'mpga',
  'ogg',
  'opus',
  'pcm',
  'wav',
  'webm',
]);
