// Azure AI Content Safety: harm categories and blocklists by `text:analyze`, attacks by `text:shieldPrompt`.
import type { CheckConfig } from '../../contracts/guardrail.ts';
import type { CreateRemoteCheck, RemoteQuestion, RemoteVerdict } from '../../contracts/remote-check.ts';
import { arrayAt, numberAt, objectAt, stringAt } from '../../dialects/lenient.ts';
import { isObject } from '../../dialects/read.ts';
import type { PostJson } from './json-post.ts';
import type { RemoteDeps } from './remote-deps.ts';

const VERSION = 'api-version=2024-11-01';
const SEVERITY = 4;
/** The service takes so many characters at once. */
const MAX_CHARS = 10_000;

export function createAzureSafety({ post }: Pick<RemoteDeps, 'post'>): CreateRemoteCheck {
  return (check) => async (question) => {
    const verdicts = await Promise.all([
      ...question.texts.flatMap((text) => pieces(text).map((piece) => analyse(check, piece, question, post))),
      ...(check.shield === true && question.side === 'request' ? [shield(check, question, post)] : []),
    ]);
    return verdicts.find(({ kind }) => kind !== 'pass') ?? { kind: 'pass' };
  };
}

function pieces(text: string): string[] {
  const all: string[] = [];
  for (let at = 0; at < text.length; at += MAX_CHARS) all.push(text.slice(at, at + MAX_CHARS));
  return all;
}

async function analyse(
  { url, key, headers, categories, threshold }: CheckConfig,
  text: string,
  { signal }: RemoteQuestion,
  post: PostJson,
): Promise<RemoteVerdict> {
  const answer = await post({
    url: addressOf(url!, 'text:analyze'),
    headers: { ...headers, 'ocp-apim-subscription-key': key! },
    body: JSON.stringify({ text, ...(categories && { categories }) }),
    signal,
  });
  if (!Array.isArray(answer['categoriesAnalysis'])) throw new Error('it answered without a verdict');
  if (arrayAt(answer, 'blocklistsMatch').length > 0) return { kind: 'block', reason: 'a blocklist' };
  for (const item of arrayAt(answer, 'categoriesAnalysis')) {
    if (!isObject(item) || (numberAt(item, 'severity') ?? 0) < (threshold ?? SEVERITY)) continue;
    return { kind: 'block', reason: stringAt(item, 'category') ?? 'a category' };
  }
  return { kind: 'pass' };
}

async function shield(
  { url, key, headers }: CheckConfig,
  { texts, signal }: RemoteQuestion,
  post: PostJson,
): Promise<RemoteVerdict> {
  const answer = await post({
    url: addressOf(url!, 'text:shieldPrompt'),
    headers: { ...headers, 'ocp-apim-subscription-key': key! },
    body: JSON.stringify({ userPrompt: texts.join('\n').slice(-MAX_CHARS), documents: [] }),
    signal,
  });
  const analysis = objectAt(answer, 'userPromptAnalysis');
  if (analysis === null) throw new Error('it answered without a verdict');
  return analysis['attackDetected'] === true ? { kind: 'block', reason: 'an attack' } : { kind: 'pass' };
}

function addressOf(url: string, call: string): string {
  return `${url.replace(/\/+$/, '')}/contentsafety/${call}?${VERSION}`;
}
