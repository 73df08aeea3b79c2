// Presidio's analyzer: names, places and whatever else its recognizers know, with their places in the text.
import type { CreateRemoteCheck, Place } from '../../contracts/remote-check.ts';
import { arrayAt, numberAt, stringAt } from '../../dialects/lenient.ts';
import { isObject } from '../../dialects/read.ts';
import type { RemoteDeps } from './remote-deps.ts';

const SCORE = 0.5;

export function createPresidio({ post }: Pick<RemoteDeps, 'post'>): CreateRemoteCheck {
  return ({ url, entities, threshold, language, headers, key }) => {
    const address = /\/analyze$/.test(url!) ? url! : `${url!.replace(/\/+$/, '')}/analyze`;
    const own = { ...headers, ...(key === undefined ? {} : { authorization: `Bearer ${key}` }) };
    const least = threshold ?? SCORE;
    const analyse = async (text: string, signal: AbortSignal): Promise<Place[]> => {
      if (text.trim() === '') return [];
      const body = JSON.stringify({
        text,
        language: language ?? 'en',
        score_threshold: least,
        ...(entities && { entities }),
      });
      const answer = await post({ url: address, headers: own, body, signal });
      return placesOf(arrayAt(answer, 'list'), text, least);
    };
    return async ({ texts, signal }) => {
      const places = await Promise.all(texts.map((text) => analyse(text, signal)));
      return places.every((found) => found.length === 0) ? { kind: 'pass' } : { kind: 'places', places };
    };
  };
}

/** Offsets count code points, as Python does. */
function placesOf(list: readonly unknown[], text: string, least: number): Place[] {
  const places: Place[] = [];
  for (const item of list) {
    if (!isObject(item)) continue;
    const start = numberAt(item, 'start');
    const end = numberAt(item, 'end');
    const score = numberAt(item, 'score');
    if (start === null || end === null || (score !== null && score < least)) continue;
    places.push({
      start: unitAt(text, start),
      end: unitAt(text, end),
      label: stringAt(item, 'entity_type') ?? 'DATA',
    });
  }
  return places;
}

/** Where a code point begins in UTF-16. */
export function unitAt(text: string, point: number): number {
  let unit = 0;
  for (let i = 0; i < point && unit < text.length; i++) unit += text.codePointAt(unit)! > 0xffff ? 2 : 1;
  return unit;
}
