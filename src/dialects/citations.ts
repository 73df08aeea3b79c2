// What citations of an answer are to dialects that say by offsets which passage of the text they stand for.
import type { Citation } from '../contracts/citation.ts';
import type { JsonObject } from '../contracts/json.ts';
import { numberAt, objectAt, stringAt } from './lenient.ts';

/** A citation of a page, without offsets. */
export function pageCitation(url: string | null, title: string | null, quote: string | null): Citation {
  return { url: url || null, title: title || null, quote: quote || null, range: null, document: null };
}

/** [start, end) of a citation in a text that its part begins at `base` of and is `length` characters long. */
export function placeOf({ range }: Citation, base: number, length: number): [start: number, end: number] {
  if (range === null) return [base, base + length];
  return [base + range.start, base + range.end];
}

/** The range that two members of an object tell; null when they do not. */
export function rangeAt(object: JsonObject, startKey: string, endKey: string): Citation['range'] {
  const start = numberAt(object, startKey);
  const end = numberAt(object, endKey);
  return start === null || end === null || start < 0 || end < start ? null : { start, end };
}

/** One of OpenAI's `annotations`, of either dialect; null when it is no page's. */
export function readAnnotation(annotation: JsonObject): Citation | null {
  if (annotation['type'] !== 'url_citation') return null;
  const told = objectAt(annotation, 'url_citation') ?? annotation;
  const url = stringAt(told, 'url');
  if (!url) return null;
  const citation = pageCitation(url, stringAt(told, 'title'), stringAt(told, 'content'));
  return { ...citation, range: rangeAt(told, 'start_index', 'end_index') };
}

/** `annotations` of one text of Responses. */
export function writeAnnotations(citations: readonly Citation[] | undefined, length: number): JsonObject[] {
  return (citations ?? [])
    .map((citation) => urlCitation(citation, 0, length))
    .filter((told) => told !== null)
    .map((told) => ({ type: 'url_citation', ...told }));
}

/** What both of OpenAI's dialects say of a page; null for what is none: they have no place for it. */
export function urlCitation(citation: Citation, base: number, length: number): JsonObject | null {
  const { url, title } = citation;
  if (url === null) return null;
  const [start, end] = placeOf(citation, base, length);
  return { start_index: start, end_index: end, title: title ?? url, url };
}
