// `annotations` of a message: pages that what it says comes from.
import type { Part } from '../../contracts/chat.ts';
import type { Citation } from '../../contracts/citation.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { readAnnotation, urlCitation } from '../citations.ts';
import { arrayAt } from '../lenient.ts';
import { isObject } from '../read.ts';

/** Those of a message or a delta. */
export function annotationsIn(message: JsonObject): Citation[] {
  return arrayAt(message, 'annotations')
    .filter(isObject)
    .map(readAnnotation)
    .filter((citation) => citation !== null);
}

/** Those of a whole message, whose content is all its texts in a row. */
export function writeAnnotations(parts: readonly Part[]): JsonObject[] {
  const written: JsonObject[] = [];
  let base = 0;
  for (const part of parts) {
    if (part.kind !== 'text') continue;
    const { length } = part.text;
    for (const citation of part.citations ?? []) {
      const annotation = writeAnnotation(citation, base, length);
      if (annotation !== null) written.push(annotation);
    }
    base += length;
  }
  return written;
}

/** One of a text that begins at `base`; null when it is of no page. */
export function writeAnnotation(citation: Citation, base: number, length: number): JsonObject | null {
  const told = urlCitation(citation, base, length);
  return told === null ? null : { type: 'url_citation', url_citation: told };
}
