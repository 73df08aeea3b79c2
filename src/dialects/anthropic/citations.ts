// `citations` of a text block. Claude's stand for their block as a whole.
import type { Citation, CitedDocument } from '../../contracts/citation.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { pageCitation } from '../citations.ts';
import { arrayAt, numberAt, stringAt } from '../lenient.ts';
import { isObject } from '../read.ts';

/** Type and members of a place in a document, by the unit it is told in. */
const LOCATIONS = {
  char: ['char_location', 'start_char_index', 'end_char_index'],
  page: ['page_location', 'start_page_number', 'end_page_number'],
  block: ['content_block_location', 'start_block_index', 'end_block_index'],
} as const;

/** Those of a block. */
export function readCitations(block: JsonObject): Citation[] {
  return arrayAt(block, 'citations')
    .filter(isObject)
    .map(readCitation)
    .filter((citation) => citation !== null);
}

/** One citation; null when it is of a kind that nobody else has. */
export function readCitation(told: JsonObject): Citation | null {
  const quote = stringAt(told, 'cited_text');
  const type = stringAt(told, 'type');
  if (type === 'web_search_result_location')
    return pageCitation(stringAt(told, 'url'), stringAt(told, 'title'), quote);
  if (type === 'search_result_location')
    return pageCitation(stringAt(told, 'source'), stringAt(told, 'title'), quote);
  for (const unit of ['char', 'page', 'block'] as const) {
    const [location, startKey, endKey] = LOCATIONS[unit];
    if (type !== location) continue;
    const [start, end] = [numberAt(told, startKey) ?? 0, numberAt(told, endKey) ?? 0];
    const document: CitedDocument = { index: numberAt(told, 'document_index') ?? 0, unit, start, end };
    return { ...pageCitation(null, stringAt(told, 'document_title'), quote), document };
  }
  return null;
}

/** One citation, written; null when Claude has none like it. */
export function writeCitation({ url, title, quote, document }: Citation): JsonObject | null {
  const cited = { cited_text: quote ?? '' };
  if (document !== null) {
    const [type, startKey, endKey] = LOCATIONS[document.unit];
    return {
      type,
      ...cited,
      document_index: document.index,
      document_title: title,
      file_id: null,
      [startKey]: document.start,
      [endKey]: document.end,
    };
  }
  if (url === null) return null;
  // What the vendor would find its result by again: nobody else has one.
  return { type: 'web_search_result_location', ...cited, url, title: title ?? url, encrypted_index: '' };
}
