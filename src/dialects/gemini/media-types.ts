// Types of media by the end of a path, and how OpenAI's short names of sound are said here.

const BY_ENDING: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  heic: 'image/heic',
  heif: 'image/heif',
  bmp: 'image/bmp',
  avif: 'image/avif',
  pdf: 'application/pdf',
  txt: 'text/plain',
  md: 'text/markdown',
  html: 'text/html',
  htm: 'text/html',
  csv: 'text/csv',
  xml: 'text/xml',
  json: 'application/json',
  mp3: 'audio/mp3',
  wav: 'audio/wav',
  ogg: 'audio/ogg',
  flac: 'audio/flac',
  aac: 'audio/aac',
  m4a: 'audio/m4a',
  mp4: 'video/mp4',
  mov: 'video/mov',
  mpeg: 'video/mpeg',
  mpg: 'video/mpg',
  webm: 'video/webm',
  avi: 'video/avi',
  wmv: 'video/wmv',
  '3gp': 'video/3gpp',
};

/** Names of sound that mean the same as OpenAI's short ones. */
const SOUNDS: Readonly<Record<string, string>> = {
  mpeg: 'mp3',
  'x-wav': 'wav',
  wave: 'wav',
  'vnd.wave': 'wav',
  'x-m4a': 'm4a',
  'x-aac': 'aac',
  'x-flac': 'flac',
};

/** What an address says of its media type; null when it says nothing. */
export function typeOfUrl(url: string): string | null {
  if (!URL.canParse(url)) return null;
  const { pathname, hostname } = new URL(url);
  if (/(^|\.)(youtube\.com|youtu\.be)$/.test(hostname)) return 'video/mp4';
  const ending = /\.([a-z0-9]+)$/i.exec(pathname)?.[1]?.toLowerCase();
  return ending === undefined ? null : (BY_ENDING[ending] ?? null);
}

/** `audio/x-wav; rate=16000` -> `wav`. */
export function soundFormat(mediaType: string): string {
  const name = mediaType.slice('audio/'.length).split(';')[0]!.trim().toLowerCase();
  return SOUNDS[name] ?? name;
}

/** `wav` -> `audio/wav`. */
export function soundType(format: string): string {
  return format.includes('/') ? format : `audio/${format === 'pcm16' ? 'pcm' : format}`;
}

/** Documents that are plain text whatever they hold. */
export function isTextType(mediaType: string): boolean {
  return /^(?:text\/|application\/(?:json|xml|yaml|x-yaml|x-javascript|x-python)$)/.test(mediaType);
}
