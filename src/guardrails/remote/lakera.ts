// Lakera Guard: whether a conversation is flagged, and where what it found stands.
import type { CreateRemoteCheck, Place, RemoteVerdict } from '../../contracts/remote-check.ts';
import { arrayAt, numberAt, stringAt } from '../../dialects/lenient.ts';
import { isObject } from '../../dialects/read.ts';
import { unitAt } from './presidio.ts';
import type { RemoteDeps } from './remote-deps.ts';

const ADDRESS = 'https://api.lakera.ai/v2/guard';

export function createLakera({ post }: Pick<RemoteDeps, 'post'>): CreateRemoteCheck {
  return ({ url, key, project, headers }) => {
    const own = { ...headers, authorization: `Bearer ${key!}` };
    return async ({ side, texts, prompt, signal }): Promise<RemoteVerdict> => {
      const role = side === 'request' ? 'user' : 'assistant';
      const before = side === 'answer' && prompt !== '' ? [{ role: 'user', content: prompt }] : [];
      const messages = [...before, ...texts.map((content) => ({ role, content }))];
      const body = JSON.stringify({
        messages,
        payload: true,
        breakdown: true,
        ...(project === undefined ? {} : { project_id: project }),
      });
      const answer = await post({ url: url ?? ADDRESS, headers: own, body, signal });
      if (typeof answer['flagged'] !== 'boolean') throw new Error('it answered without a verdict');
      if (!answer['flagged']) return { kind: 'pass' };
      const places = placesOf(arrayAt(answer, 'payload'), texts, before.length);
      return places === null ? { kind: 'block', reason: 'flagged' } : { kind: 'places', places };
    };
  };
}

/** Null where what it found has no place in one of the texts, or something without a place was found too. */
function placesOf(payload: readonly unknown[], texts: readonly string[], skipped: number): Place[][] | null {
  if (payload.length === 0) return null;
  const places: Place[][] = texts.map(() => []);
  for (const item of payload) {
    if (!isObject(item)) return null;
    const start = numberAt(item, 'start');
    const end = numberAt(item, 'end');
    const said = stringAt(item, 'text');
    const index = (numberAt(item, 'message_id') ?? skipped) - skipped;
    const text = texts[index];
    if (start === null || end === null || text === undefined) return null;
    const from = unitAt(text, start);
    // The end is inclusive at times: what it quotes says which.
    const to = said !== null && text.startsWith(said, from) ? from + said.length : unitAt(text, end);
    const type = stringAt(item, 'detector_type') ?? 'DATA';
    places[index]!.push({ start: from, end: to, label: type.split('/').at(-1)! });
  }
  return places;
}
