// Parts of an upstream's answer, read: what each says, whole or as a piece of a stream.
import { stringifyJson } from '../../body/lossless.ts';
import type { TokenChance, TokenLogprob } from '../../contracts/chat.ts';
import type { Json, JsonObject } from '../../contracts/json.ts';
import { badOutput } from '../bad-output.ts';
import { arrayAt, numberAt, objectAt, stringAt } from '../lenient.ts';
import { mediaNote } from '../media-note.ts';
import { isObject } from '../read.ts';
import { readSignature } from './signatures.ts';

export type Piece =
  | { kind: 'text' | 'thought'; text: string }
  /** Stands on the piece behind it, or, with `thought`, on the thoughts before it. */
  | { kind: 'proof'; signature: string; thought: boolean }
  | { kind: 'redacted'; data: string }
  | { kind: 'call'; id: string | null; name: string; args: string };

const NO_PARTS: readonly Json[] = [];

/** The parts of a candidate. @throws GatewayError GW_UPSTREAM_BAD_OUTPUT when they cannot be read. */
export function partsOf(candidate: JsonObject): readonly Json[] {
  const { content } = candidate;
  if (content === undefined || content === null) return NO_PARTS;
  if (!isObject(content)) throw badOutput('The content of a candidate is no object.');
  const { parts } = content;
  if (parts === undefined || parts === null) return NO_PARTS;
  if (!Array.isArray(parts)) throw badOutput('The parts of a content are no list.');
  return parts;
}

/**
 * What a part says, in order. What ran at the provider has no neutral form; its fruit is in the text around it.
 *
 * @throws GatewayError GW_UPSTREAM_BAD_OUTPUT: of another type than clients read it as.
 */
export function readPart(item: Json): Piece[] {
  if (!isObject(item)) throw badOutput('A part is no object.');
  const pieces: Piece[] = [];
  const proof = readSignature(stringAt(item, 'thoughtSignature') ?? '');
  const { text } = item;
  if (text !== undefined && text !== null && typeof text !== 'string')
    throw badOutput('The text of a part is no text.');
  const thought = item['thought'] === true && typeof text === 'string';
  if (thought && text !== '') pieces.push({ kind: 'thought', text });
  if (proof?.signature) pieces.push({ kind: 'proof', signature: proof.signature, thought });
  if (proof?.redacted) pieces.push({ kind: 'redacted', data: proof.redacted });
  if (thought) return pieces;
  if (typeof text === 'string') {
    if (text !== '') pieces.push({ kind: 'text', text });
    return pieces;
  }
  if (item['functionCall'] !== undefined) pieces.push(readCall(item['functionCall']));
  else {
    const note = mediaOf(item);
    if (note !== '') pieces.push({ kind: 'text', text: note });
  }
  return pieces;
}

function readCall(call: Json | undefined): Piece {
  if (!isObject(call)) throw badOutput('A function call is no object.');
  const name = stringAt(call, 'name');
  const { args } = call;
  if (name === null || name === '') throw badOutput('A function call has no name.');
  if (args !== undefined && args !== null && !isObject(args)) {
    throw badOutput('The arguments of a function call are no object.');
  }
  // Only who asked for them gets arguments in pieces, and nobody is asked for here.
  if (call['partialArgs'] !== undefined) throw badOutput('A function call came in pieces.');
  return {
    kind: 'call',
    id: stringAt(call, 'id') || null,
    name,
    args: isObject(args) ? stringifyJson(args) : '{}',
  };
}

/** A line for a picture, a sound or a file that the model made. */
function mediaOf(part: JsonObject): string {
  const inline = objectAt(part, 'inlineData');
  const file = objectAt(part, 'fileData');
  const mimeType = stringAt(inline ?? file ?? {}, 'mimeType') ?? '';
  const type = mimeType.startsWith('image/') ? 'image' : mimeType.startsWith('audio/') ? 'audio' : 'file';
  if (inline !== null) {
    return mediaNote({ type, source: { media_type: mimeType, data: stringAt(inline, 'data') ?? '' } });
  }
  return file === null ? '' : mediaNote({ type, url: stringAt(file, 'fileUri') ?? '' });
}

/** The log probabilities of a candidate's tokens; undefined when it tells none. */
export function logprobsOf(candidate: JsonObject): TokenLogprob[] | undefined {
  const result = objectAt(candidate, 'logprobsResult');
  if (result === null) return undefined;
  const tops = arrayAt(result, 'topCandidates');
  const chosen = arrayAt(result, 'chosenCandidates').map((entry, index): TokenLogprob => {
    const top = tops[index];
    const others = top !== undefined && isObject(top) ? arrayAt(top, 'candidates') : [];
    return { ...chance(entry), top: others.map(chance) };
  });
  return chosen.length === 0 ? undefined : chosen;
}

function chance(entry: Json): TokenChance {
  const object = isObject(entry) ? entry : {};
  return {
    token: stringAt(object, 'token') ?? '',
    logprob: numberAt(object, 'logProbability') ?? 0,
    bytes: null,
  };
}

/** `logprobsResult` of tokens. */
export function writeLogprobs(tokens: readonly TokenLogprob[]): JsonObject {
  const written = ({ token, logprob }: TokenChance): JsonObject => ({ token, logProbability: logprob });
  const result: JsonObject = { chosenCandidates: tokens.map(written) };
  if (tokens.some(({ top }) => top.length > 0)) {
    result['topCandidates'] = tokens.map(({ top }) => ({ candidates: top.map(written) }));
  }
  return result;
}
