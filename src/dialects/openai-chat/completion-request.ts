// A request for a text behind a prompt, or between it and a suffix, written for a server that is asked for that itself.
import type { EncodedRequest, EncodeTarget } from '../../contracts/body.ts';
import type { ChatRequest } from '../../contracts/chat.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { openLosses } from '../losses.ts';
import { toolMemory } from '../tool-memory.ts';
import { encodeSampling } from './sampling-encode.ts';

/** What only completions have, and no server of `fim`. */
const PENALTIES = ['frequency_penalty', 'presence_penalty'] as const;

/** @param older as `/completions` is asked, which has more members. @throws GatewayError GW_CLIENT_UNSUPPORTED for what it has no member for. */
export function encodeCompletionRequest(
  request: ChatRequest,
  target: EncodeTarget,
  older: boolean,
): EncodedRequest {
  const mustNotDrop = request.mustNotDrop.filter((path) => path !== 'suffix');
  const losses = openLosses({ ...request, mustNotDrop }, target, { choices: older });
  const [asked] = request.turns.at(-1)?.parts ?? [];
  const body: JsonObject = { model: target.model, prompt: asked?.kind === 'text' ? asked.text : '' };
  if (request.suffix !== undefined) body['suffix'] = request.suffix;
  const cut = encodeSampling(request, null, body, { target, losses });
  // Neither knows the newer name.
  if (body['max_completion_tokens'] !== undefined) {
    body['max_tokens'] = body['max_completion_tokens'];
    delete body['max_completion_tokens'];
  }
  if (!older)
    for (const name of PENALTIES) {
      if (body[name] === undefined) continue;
      losses.drop(name);
      delete body[name];
    }
  if (request.choices !== undefined) body['n'] = request.choices.count;
  if (request.user !== null) {
    if (older) body['user'] = request.user;
    else losses.drop('user');
  }
  if (request.stream) {
    body['stream'] = true;
    if (target.streamUsage) body['stream_options'] = { include_usage: true };
  }
  const encoded: EncodedRequest = {
    body: JSON.stringify(body),
    dropped: losses.dropped,
    adapted: losses.adapted,
  };
  const tools = toolMemory(undefined, {}, request.turns, cut);
  if (tools !== undefined) encoded.tools = tools;
  return encoded;
}
