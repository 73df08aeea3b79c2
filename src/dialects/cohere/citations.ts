// `citations` of a message: a passage of its text, and the documents or results of tools that it comes from.
import type { Citation } from '../../contracts/citation.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { pageCitation, placeOf, rangeAt } from '../citations.ts';
import { arrayAt, objectAt, stringAt } from '../lenient.ts';
import { isObject } from '../read.ts';

/** One for each source of a citation. */
export function readCitation(told: JsonObject): Citation[] {
  const range = rangeAt(told, 'start', 'end');
  return arrayAt(told, 'sources')
    .filter(isObject)
    .map((source) => {
      const held = objectAt(source, 'document') ?? objectAt(source, 'tool_output') ?? {};
      const title = stringAt(held, 'title') ?? stringAt(source, 'id');
      const quote = stringAt(held, 'snippet') ?? stringAt(held, 'text');
      return { ...pageCitation(stringAt(held, 'url'), title, quote), range };
    });
}

/** A citation as one of a text's. @param base where its part begins there. @param text of the part. */
export function writeCitation(citation: Citation, base: number, text: string, at: number): JsonObject {
  const { url, title, quote, document } = citation;
  const [start, end] = placeOf(citation, base, text.length);
  const held: JsonObject = {};
  if (title !== null) held['title'] = title;
  if (url !== null) held['url'] = url;
  if (quote !== null) held['snippet'] = quote;
  const id = document === null ? `doc:${at}` : `doc:${document.index}`;
  const sources = [{ type: 'document', id, document: { id, ...held } }];
  return { start, end, text: text.slice(start - base, end - base), sources, type: 'TEXT_CONTENT' };
}
