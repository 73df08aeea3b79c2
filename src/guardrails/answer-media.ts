// Pictures, sound and other media of an answer that is no chat's: what checks of texts do not see. In a chat's answer under
// guardrails they are not there (dialects/media-note.ts): a note stands in their place, which is looked at as any text.
import type { OperationName } from '../contracts/operation.ts';
import { type Media, mediaOf, NO_MEDIA } from './body-media.ts';

const DRAWS: ReadonlySet<OperationName> = new Set(['image', 'image-form']);
const TEXT = /^(?:text\/|application\/(?:xml|x-ndjson|x-subrip))/i;

/** @param contentType of the whole answer, parameters and all. */
export function mediaInAnswer(body: Buffer, contentType: string, operation: OperationName): Media {
  if (body.length === 0) return NO_MEDIA;
  const drawn = DRAWS.has(operation);
  if (contentType.startsWith('text/event-stream')) return inEvents(body, drawn);
  if (/json\b/i.test(contentType)) return inJson(body, drawn);
  if (TEXT.test(contentType)) return NO_MEDIA;
  const type = contentType.split(';', 1)[0]!.trim().toLowerCase();
  if (!isPicture(type)) return { images: [], others: 1 };
  return { images: [`data:${type};base64,${body.toString('base64')}`], others: 0 };
}

export function isPicture(contentType: string): boolean {
  return /^image\//i.test(contentType);
}

/** Whether nothing of an answer of this type is text. */
export function unreadType(contentType: string): boolean {
  return contentType !== '' && !/json\b/i.test(contentType) && !TEXT.test(contentType);
}

function inEvents(body: Buffer, drawn: boolean): Media {
  const images: string[] = [];
  let others = 0;
  for (const line of body.toString('utf8').split('\n')) {
    if (!line.startsWith('data:')) continue;
    const found = inJson(Buffer.from(line.slice(5)), drawn);
    images.push(...found.images);
    others += found.others;
  }
  return { images, others };
}

function inJson(body: Buffer, drawn: boolean): Media {
  try {
    return mediaOf(body, drawn);
  } catch {
    return NO_MEDIA; // no JSON: it is looked at as text, if at all
  }
}
