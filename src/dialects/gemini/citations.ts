// What Gemini says of its sources, beside a candidate's content: pages that ground passages of it, told by offsets in bytes,
// and what it recites.
import type { Citation } from '../../contracts/citation.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { pageCitation, placeOf, rangeAt } from '../citations.ts';
import { arrayAt, numberAt, objectAt, stringAt } from '../lenient.ts';
import { isObject } from '../read.ts';

/** A citation, and which of a content's parts it is of. */
export interface PartCitation {
  part: number;
  citation: Citation;
}

/**
 * The citations of a candidate.
 *
 * @param textOf text of a part, to turn bytes into characters by; null = it is not at hand: they stand for all of it.
 */
export function citationsOf(
  candidate: JsonObject,
  textOf: ((part: number) => string) | null,
): PartCitation[] {
  const found: PartCitation[] = [];
  const grounding = objectAt(candidate, 'groundingMetadata');
  if (grounding !== null) {
    const pages = arrayAt(grounding, 'groundingChunks').map((chunk) =>
      isObject(chunk) ? (objectAt(chunk, 'web') ?? objectAt(chunk, 'retrievedContext')) : null,
    );
    for (const support of arrayAt(grounding, 'groundingSupports').filter(isObject)) {
      const segment = objectAt(support, 'segment') ?? {};
      const part = numberAt(segment, 'partIndex') ?? 0;
      const range = charsOf({ startIndex: 0, ...segment }, textOf?.(part) ?? null);
      for (const index of arrayAt(support, 'groundingChunkIndices')) {
        const page = typeof index === 'number' ? (pages[index] ?? null) : null;
        if (page === null) continue;
        const told = pageCitation(stringAt(page, 'uri'), stringAt(page, 'title'), stringAt(page, 'text'));
        found.push({ part, citation: { ...told, range } });
      }
    }
  }
  const recited = objectAt(candidate, 'citationMetadata') ?? {};
  // One API of Google's says `citationSources`, the other `citations`.
  for (const source of [...arrayAt(recited, 'citationSources'), ...arrayAt(recited, 'citations')]) {
    if (!isObject(source)) continue;
    const told = pageCitation(stringAt(source, 'uri'), stringAt(source, 'title'), null);
    if (told.url === null && told.title === null) continue;
    const range = charsOf({ startIndex: 0, ...source }, textOf?.(0) ?? null);
    found.push({ part: 0, citation: { ...told, range } });
  }
  return found;
}

/** Whether a candidate says anything of sources. */
export function isGrounded({ groundingMetadata, citationMetadata }: JsonObject): boolean {
  return groundingMetadata !== undefined || citationMetadata !== undefined;
}

function charsOf(place: JsonObject, text: string | null): Citation['range'] {
  const range = rangeAt(place, 'startIndex', 'endIndex');
  if (text === null || range === null) return null;
  const bytes = Buffer.from(text);
  const chars = (offset: number): number => bytes.subarray(0, offset).toString().length;
  return { start: chars(range.start), end: chars(range.end) };
}

/** Gathers the citations of a candidate, as they are told part by part. */
export class Grounding {
  readonly #pages = new Map<string, number>();
  readonly #chunks: JsonObject[] = [];
  readonly #supports: JsonObject[] = [];

  /** @param text of the part. @param base offset of its beginning, in bytes. */
  add(citation: Citation, part: number, text: string, base = 0): void {
    const { url, title } = citation;
    // A document of the request has no address here.
    if (url === null) return;
    let page = this.#pages.get(url);
    if (page === undefined) {
      page = this.#chunks.push({ web: { uri: url, title: title ?? url } }) - 1;
      this.#pages.set(url, page);
    }
    const [start, end] = placeOf(citation, 0, text.length);
    const cited = text.slice(start, end);
    const startIndex = base + Buffer.byteLength(text.slice(0, start));
    const segment: JsonObject = { startIndex, endIndex: startIndex + Buffer.byteLength(cited), text: cited };
    if (part > 0) segment['partIndex'] = part;
    this.#supports.push({ segment, groundingChunkIndices: [page] });
  }

  /** `groundingMetadata`; null when there are none. */
  get metadata(): JsonObject | null {
    if (this.#supports.length === 0) return null;
    return { groundingChunks: this.#chunks, groundingSupports: this.#supports };
  }
}
