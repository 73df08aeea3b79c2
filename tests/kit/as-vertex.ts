// What the AnthropicVertex clients make of a request of Messages (packages/vertex-sdk of anthropic-sdk-typescript): the model in the path, behind a
// project and a place, and the version in the body in its place.
import { isObject } from '../../src/dialects/read.ts';
import { tryJson } from './json.ts';

const MESSAGES = '/v1/messages';

/** To be the `fetch` of an Anthropic client, with the path that it has below the address of Vertex AI. */
export const asVertex: typeof fetch = (input, init) => {
  const url = new URL(input instanceof Request ? input.url : input);
  const body = tryJson(String(init?.body));
  if (!isObject(body)) throw new Error('no request of Messages');
  const { model, ...rest } = body;
  const counts = url.pathname.endsWith('/count_tokens');
  const base = url.pathname.slice(0, url.pathname.indexOf(MESSAGES));
  const leaf = counts
    ? 'count-tokens:rawPredict'
    : `${String(model)}:${rest['stream'] === true ? 'streamRawPredict' : 'rawPredict'}`;
  url.pathname = `${base}/v1/projects/my-project/locations/us-east5/publishers/anthropic/models/${leaf}`;
  url.searchParams.delete('beta');
  const sent = { ...(counts ? body : rest), anthropic_version: 'vertex-2023-10-16' };
  return fetch(url, { ...init, body: JSON.stringify(sent) });
};
