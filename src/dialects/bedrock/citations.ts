// `citations` of a citationsContent block, and the `citation` of a stream's delta. They stand for their block as a whole.
import type { Citation, CitedDocument } from '../../contracts/citation.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { pageCitation } from '../citations.ts';
import { arrayAt, numberAt, objectAt, stringAt } from '../lenient.ts';
import { isObject } from '../read.ts';

const LOCATIONS = { char: 'documentChar', page: 'documentPage', block: 'documentChunk' } as const;

/** Those of a block. */
export function readCitations(cited: JsonObject): Citation[] {
  return arrayAt(cited, 'citations').filter(isObject).map(readCitation);
}

/** One citation. */
export function readCitation(told: JsonObject): Citation {
  const location = objectAt(told, 'location') ?? {};
  const words = arrayAt(told, 'sourceContent').map((piece) =>
    isObject(piece) ? (stringAt(piece, 'text') ?? '') : '',
  );
  const page = objectAt(location, 'web');
  const found = objectAt(location, 'searchResultLocation');
  const url = (page && stringAt(page, 'url')) ?? (found && stringAt(told, 'source'));
  return { ...pageCitation(url, stringAt(told, 'title'), words.join('')), document: readDocument(location) };
}

/** One citation, written. */
export function writeCitation({ url, title, quote, document }: Citation): JsonObject {
  const citation: JsonObject = {};
  if (title !== null) citation['title'] = title;
  if (quote !== null) citation['sourceContent'] = [{ text: quote }];
  if (document !== null) {
    const { index, unit, start, end } = document;
    citation['location'] = { [LOCATIONS[unit]]: { documentIndex: index, start, end } };
  } else if (url !== null)
    citation['location'] = { web: URL.canParse(url) ? { url, domain: new URL(url).hostname } : { url } };
  return citation;
}

function readDocument(location: JsonObject): CitedDocument | null {
  for (const unit of ['char', 'page', 'block'] as const) {
    const place = objectAt(location, LOCATIONS[unit]);
    if (place === null) continue;
    return {
      index: numberAt(place, 'documentIndex') ?? 0,
      unit,
      start: numberAt(place, 'start') ?? 0,
      end: numberAt(place, 'end') ?? 0,
    };
  }
  return null;
}
