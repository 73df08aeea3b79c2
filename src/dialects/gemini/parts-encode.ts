// Neutral parts as parts of a request's contents.
import { parseLossless } from '../../body/lossless.ts';
import type { Part, ReasoningPart, ToolCallPart, ToolResultPart } from '../../contracts/chat.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { argumentsText } from '../argument-shape.ts';
import type { EncodeScope } from '../encode-scope.ts';
import { unsupported } from '../losses.ts';
import { isObject } from '../read.ts';
import { isMadeUp } from './call-ids.ts';
import { HungProofs } from './hung-proofs.ts';
import { encodeMedia } from './media-encode.ts';
import { writeResult } from './results.ts';
import { DUMMY_SIGNATURE, signatureText } from './signatures.ts';
import { wireName } from './wire-name.ts';

/** Parts of a user's turn but for results. @throws GatewayError GW_CLIENT_UNSUPPORTED for media it cannot have. */
export function encodeUserParts(parts: readonly Part[], scope: EncodeScope): JsonObject[] {
  const written: JsonObject[] = [];
  for (const part of parts) {
    switch (part.kind) {
      case 'text':
        if (part.cache !== null) scope.losses.drop('messages[].content[].cache_control');
        if (part.text !== '') written.push({ text: part.text });
        break;
      case 'refusal':
        scope.losses.adapt('messages[].refusal');
        if (part.text !== '') written.push({ text: part.text });
        break;
      case 'image':
      case 'document':
        if (part.cache !== null) scope.losses.drop('messages[].content[].cache_control');
        written.push(encodeMedia(part, scope));
        break;
      case 'audio':
      case 'video':
        written.push(encodeMedia(part, scope));
        break;
      default:
        throw unsupported('messages[].content', `A ${part.kind} part may not stand here.`);
    }
  }
  return written;
}

/** A result. Its media go into it where the model reads them there, else they are added to `behind`. */
export function encodeResult(
  { callId, content, isError, cache }: ToolResultPart,
  name: string,
  scope: EncodeScope,
  behind: JsonObject[],
): JsonObject {
  if (cache !== null) scope.losses.drop('messages[].content[].cache_control');
  const texts = content.filter((part) => part.kind === 'text');
  const media = encodeUserParts(
    content.filter((part) => part.kind !== 'text'),
    scope,
  );
  for (const part of texts) if (part.cache !== null) scope.losses.drop('messages[].content[].cache_control');
  const response = writeResult(texts.map((part) => part.text).join('\n'), isError);
  const result: JsonObject = isMadeUp(callId) ? { name, response } : { id: callId, name, response };
  if (media.length === 0) return { functionResponse: result };
  if (scope.target.capabilities.resultMedia) result['parts'] = media;
  else {
    scope.losses.adapt('messages[].content[].content');
    behind.push({ text: `[What function ${name} returned:]` }, ...media);
  }
  return { functionResponse: result };
}

/**
 * Parts of a model's turn, in order. A signature without text belongs to the part behind it; where the reader's dialect
 * moved all reasoning to the front, to the first call that has none, which Gemini 3 and later refuse without.
 */
export function encodeModelParts(parts: readonly Part[], scope: EncodeScope): JsonObject[] {
  const proofs = new HungProofs();
  parts.forEach((part, at) => {
    switch (part.kind) {
      case 'reasoning':
        addReasoning(part, scope, proofs);
        break;
      case 'refusal':
        scope.losses.adapt('messages[].refusal');
        if (part.text !== '') proofs.hang({ text: part.text });
        break;
      case 'text':
        if (part.cache !== null) scope.losses.drop('messages[].content[].cache_control');
        if (part.text === '') break;
        if (proofs.waiting === 1 && awaitsProof(parts, at)) proofs.pass({ text: part.text });
        else proofs.hang({ text: part.text });
        break;
      case 'tool_call':
        proofs.hang(encodeCall(part, scope));
        break;
      default:
        throw unsupported('messages[].content', `A model's content cannot hold a ${part.kind} part.`);
    }
  });
  const written = proofs.end();
  if (scope.target.capabilities.signedCalls) signFirstCall(written);
  return written;
}

/** The first call of a step needs a signature: history that another model made has Google's word for it. */
function signFirstCall(parts: readonly JsonObject[]): void {
  const first = parts.find((part) => part['functionCall'] !== undefined);
  if (first !== undefined) first['thoughtSignature'] ??= DUMMY_SIGNATURE;
}

// Thoughts without their proof are another model's, or a summary that was for people.
function addReasoning(
  { text, signature, redacted }: ReasoningPart,
  { losses }: EncodeScope,
  proofs: HungProofs,
): void {
  if (redacted !== null) proofs.thought('', signatureText(redacted, true));
  else if (signature === null) losses.adapt('messages[].reasoning_content');
  else if (text === '') proofs.wait(signatureText(signature, false));
  else proofs.thought(text, signatureText(signature, false));
}

/** Whether a call comes behind the part at `at` before any other proof does. */
function awaitsProof(parts: readonly Part[], at: number): boolean {
  for (let next = at + 1; next < parts.length; next++) {
    const part = parts[next]!;
    if (part.kind === 'tool_call') return true;
    if (part.kind === 'reasoning' && (part.signature ?? part.redacted) !== null) return false;
  }
  return false;
}

function encodeCall(
  { id, name: said, arguments: text, cache }: ToolCallPart,
  { losses }: EncodeScope,
): JsonObject {
  if (cache !== null) losses.drop('messages[].tool_calls[].cache_control');
  const name = wireName(said);
  if (name !== said) losses.adapt('messages[].tool_calls[].function.name');
  const { args, valid } = encodeArgs(text);
  if (!valid) losses.adapt('messages[].tool_calls[].function.arguments');
  return { functionCall: isMadeUp(id) ? { name, args } : { id, name, args } };
}

/** Arguments as the object `args` must be: no text is `{}`, text that is no JSON object stays readable as `_raw`. */
export function encodeArgs(text: string): { args: JsonObject; valid: boolean } {
  if (text.trim() === '') return { args: {}, valid: true };
  try {
    const value = parseLossless(argumentsText(text), true);
    if (isObject(value)) return { args: value, valid: true };
  } catch {
    // Models do write broken JSON: said below.
  }
  return { args: { _raw: text }, valid: false };
}
