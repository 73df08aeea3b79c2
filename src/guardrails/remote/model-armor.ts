// Google's Model Armor by template. Whatever was not invoked with success was not checked.
import type { JsonObject } from '../../contracts/json.ts';
import type { CreateRemoteCheck, RemoteVerdict } from '../../contracts/remote-check.ts';
import { objectAt, stringAt } from '../../dialects/lenient.ts';
import { isObject } from '../../dialects/read.ts';
import type { RemoteDeps } from './remote-deps.ts';

export function createModelArmor({ post }: Pick<RemoteDeps, 'post'>): CreateRemoteCheck {
  return ({ id, region, project, key, url, headers }) => {
    const base = (url ?? `https://modelarmor.${region!}.rep.googleapis.com`).replace(/\/+$/, '');
    const template = `${base}/v1/projects/${project!}/locations/${region!}/templates/${id!}`;
    const own = { ...headers, authorization: `Bearer ${key!}` };
    return async ({ side, texts, prompt, signal }): Promise<RemoteVerdict> => {
      const verdicts = await Promise.all(
        texts.map(async (text) => {
          const call = side === 'request' ? 'sanitizeUserPrompt' : 'sanitizeModelResponse';
          const body =
            side === 'request'
              ? { userPromptData: { text } }
              : { modelResponseData: { text }, ...(prompt === '' ? {} : { userPrompt: prompt }) };
          const answer = await post({
            url: `${template}:${call}`,
            headers: own,
            body: JSON.stringify(body),
            signal,
          });
          return readResult(answer, text);
        }),
      );
      if (verdicts.some((verdict) => verdict === null)) return { kind: 'block', reason: 'a filter' };
      // Null was ruled out.
      const now = verdicts as string[];
      return now.every((text, at) => text === texts[at]) ? { kind: 'pass' } : { kind: 'replace', texts: now };
    };
  };
}

/** @returns the text as it may go on; null = it may not. */
function readResult(answer: JsonObject, text: string): string | null {
  const result = objectAt(answer, 'sanitizationResult');
  if (result === null || stringAt(result, 'invocationResult') !== 'SUCCESS')
    throw new Error('it was not checked');
  const state = stringAt(result, 'filterMatchState');
  if (state === 'NO_MATCH_FOUND') return text;
  if (state !== 'MATCH_FOUND') throw new Error('it answered without a verdict');
  const filters = objectAt(result, 'filterResults') ?? {};
  const sensitive =
    objectAt(objectAt(filters, 'sdp') ?? {}, 'sdpFilterResult') ?? objectAt(filters, 'sdp') ?? {};
  const clean = objectAt(objectAt(sensitive, 'deidentifyResult') ?? {}, 'data');
  const others = Object.entries(filters).some(
    ([name, filter]) => name !== 'sdp' && isObject(filter) && /"MATCH_FOUND"/.test(JSON.stringify(filter)),
  );
  return others || clean === null ? null : stringAt(clean, 'text');
}
