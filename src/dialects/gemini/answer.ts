// Whole answers: facts for the byte path, and GenerateContentResponse to and from the neutral form.
import { stringifyJson } from '../../body/lossless.ts';
import type {
  AnswerFacts,
  ChatAnswer,
  Choice,
  Part,
  StopReason,
  TextPart,
  TokenLogprob,
} from '../../contracts/chat.ts';
import type { AnswerContext } from '../../contracts/dialect.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { badOutput } from '../bad-output.ts';
import { faultError } from '../fault-error.ts';
import { arrayAt, objectAt, stringAt } from '../lenient.ts';
import { isObject } from '../read.ts';
import { realStop } from '../real-stop.ts';
import { ANY_TOOL_ID, ToolIds } from '../tool-ids.ts';
import { logprobsOf, partsOf, readPart, writeLogprobs } from './answer-parts.ts';
import { madeUpCallId } from './call-ids.ts';
import { citationsOf, Grounding } from './citations.ts';
import { faultIn, faultOfFinish } from './faults.ts';
import { HungProofs } from './hung-proofs.ts';
import { encodeArgs } from './parts-encode.ts';
import { signatureText } from './signatures.ts';
import { decodeStop, encodeStop, finishReasonOf, isFaultReason } from './stop-reason.ts';
import { readUsage, writeUsage } from './usage.ts';

/** Reads the facts of an answer whose bytes go through. @throws GatewayError when the 200 holds a fault or no answer. */
export function readAnswer(body: JsonObject): AnswerFacts {
  const candidate = firstCandidate(body);
  return {
    usage: readUsage(body),
    stop: candidate === null ? 'content_filter' : realStop(stopOf(candidate), held(candidate)),
    model: stringAt(body, 'modelVersion') || null,
    id: stringAt(body, 'responseId') || null,
  };
}

/** Reads a whole answer. @throws GatewayError as readAnswer. */
export function decodeAnswer(body: JsonObject): ChatAnswer {
  const candidate = firstCandidate(body);
  const id = stringAt(body, 'responseId') ?? '';
  const { parts, stop } =
    candidate === null ? { parts: [], stop: 'content_filter' as const } : readCandidate(candidate, id);
  const others = arrayAt(body, 'candidates')
    .slice(1)
    .filter(isObject)
    .map((other, index) => readCandidate(other, `${id}/${index + 1}`));
  const created = Date.parse(stringAt(body, 'createTime') ?? '');
  return {
    id,
    model: stringAt(body, 'modelVersion') ?? '',
    created: Number.isNaN(created) ? null : Math.floor(created / 1000),
    parts,
    stop,
    stopSequence: null,
    usage: readUsage(body),
    ...(others.length > 0 && { others }),
  };
}

function readCandidate(candidate: JsonObject, step: string): Choice {
  const parts = decodeParts(candidate, step);
  const toolCall = parts.some((part) => part.kind === 'tool_call');
  return { parts, stop: realStop(stopOf(candidate), { toolCall, refusal: false }) };
}

/** Why nothing was answered at all: the prompt was blocked. */
export function blockReasonOf(body: JsonObject): string | null {
  const feedback = objectAt(body, 'promptFeedback');
  const reason = feedback === null ? null : stringAt(feedback, 'blockReason');
  return reason === '' || reason === 'BLOCKED_REASON_UNSPECIFIED' ? null : reason;
}

// null: the prompt was blocked.
function firstCandidate(body: JsonObject): JsonObject | null {
  const [candidate] = arrayAt(body, 'candidates');
  if (candidate === undefined) {
    const fault = faultIn(body, stringifyJson(body));
    if (fault !== null) throw faultError(fault);
    if (blockReasonOf(body) !== null) return null;
  }
  if (!isObject(candidate)) throw badOutput('The answer has no candidates.');
  return candidate;
}

function stopOf(candidate: JsonObject): StopReason | null {
  const reason = finishReasonOf(candidate);
  if (reason === null) return null;
  if (isFaultReason(reason)) throw faultError(faultOfFinish(reason, stringAt(candidate, 'finishMessage')));
  return decodeStop(reason);
}

function held(candidate: JsonObject): { toolCall: boolean; refusal: boolean } {
  const toolCall = partsOf(candidate).some((part) => isObject(part) && part['functionCall'] !== undefined);
  return { toolCall, refusal: false };
}

function decodeParts(candidate: JsonObject, id: string): Part[] {
  const parts: Part[] = [];
  /** The text that a part of the content became, by its place there. */
  const texts: (TextPart | undefined)[] = [];
  let calls = 0;
  for (const [place, item] of partsOf(candidate).entries()) {
    for (const piece of readPart(item)) {
      const last = parts.at(-1);
      switch (piece.kind) {
        case 'text':
          texts[place] = { kind: 'text', text: piece.text, cache: null };
          parts.push(texts[place]);
          break;
        case 'thought':
          parts.push({ kind: 'reasoning', text: piece.text, signature: null, redacted: null });
          break;
        case 'proof':
          if (piece.thought && last?.kind === 'reasoning' && last.signature === null)
            last.signature = piece.signature;
          else parts.push({ kind: 'reasoning', text: '', signature: piece.signature, redacted: null });
          break;
        case 'redacted':
          parts.push({ kind: 'reasoning', text: '', signature: null, redacted: piece.data });
          break;
        case 'call':
          parts.push({
            kind: 'tool_call',
            id: piece.id ?? madeUpCallId(id, calls, piece.name),
            name: piece.name,
            arguments: piece.args,
            cache: null,
          });
          calls++;
      }
    }
  }
  for (const { part, citation } of citationsOf(candidate, (place) => texts[place]?.text ?? '')) {
    const text = texts[part] ?? texts.find((one) => one !== undefined);
    if (text !== undefined) (text.citations ??= []).push(citation);
  }
  const logprobs = logprobsOf(candidate);
  const said = parts.find((part) => part.kind === 'text');
  if (logprobs !== undefined && said !== undefined) said.logprobs = logprobs;
  return parts;
}

/** Writes a whole answer as JSON text. */
export function encodeAnswer(answer: ChatAnswer, context: AnswerContext): string {
  const { usage } = answer;
  const ids = new ToolIds(ANY_TOOL_ID, context.toolIds);
  const candidates = [answer, ...(answer.others ?? [])].map((choice, index) =>
    writeCandidate(choice, index, ids),
  );
  const body: JsonObject = { candidates };
  if (usage !== null) body['usageMetadata'] = writeUsage(usage);
  body['modelVersion'] = answer.model === '' ? context.model : answer.model;
  body['responseId'] = answer.id === '' ? context.requestId : answer.id;
  return stringifyJson(body);
}

function writeCandidate(choice: Choice, index: number, ids: ToolIds): JsonObject {
  const { stop } = choice;
  const grounding = new Grounding();
  const parts = encodeParts(choice.parts, ids, grounding);
  // The SDKs' chats keep no content without parts.
  if (parts.length === 0) parts.push({ text: '' });
  const candidate: JsonObject = {
    content: { parts, role: 'model' },
    finishReason: stop === null ? 'STOP' : encodeStop(stop),
    index,
  };
  const tokens = choice.parts.flatMap((part): TokenLogprob[] =>
    part.kind === 'text' ? (part.logprobs ?? []) : [],
  );
  if (tokens.length > 0) candidate['logprobsResult'] = writeLogprobs(tokens);
  if (grounding.metadata !== null) candidate['groundingMetadata'] = grounding.metadata;
  return candidate;
}

// A proof without text stands on the part behind it, as Gemini's own do.
function encodeParts(parts: readonly Part[], ids: ToolIds, grounding: Grounding): JsonObject[] {
  const proofs = new HungProofs();
  for (const part of parts) {
    switch (part.kind) {
      case 'text':
        if (part.text === '') break;
        proofs.hang({ text: part.text });
        for (const citation of part.citations ?? []) grounding.add(citation, proofs.count - 1, part.text);
        break;
      case 'refusal':
        if (part.text !== '') proofs.hang({ text: part.text });
        break;
      case 'reasoning':
        if (part.redacted !== null) proofs.thought('', signatureText(part.redacted, true));
        else if (part.signature === null) proofs.thought(part.text, null);
        else if (part.text !== '') proofs.thought(part.text, signatureText(part.signature, false));
        else proofs.wait(signatureText(part.signature, false));
        break;
      case 'tool_call':
        proofs.hang({
          functionCall: { id: ids.take(part.id), name: part.name, args: encodeArgs(part.arguments).args },
        });
        break;
      default: // media and results do not stand in answers
    }
  }
  return proofs.end();
}
