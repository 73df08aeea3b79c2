// Parts of a client's contents into neutral parts.
import { stringifyJson } from '../../body/lossless.ts';
import type { Part, ReasoningPart, TextPart } from '../../contracts/chat.ts';
import type { Json, JsonObject } from '../../contracts/json.ts';
import { argumentsOf } from '../argument-shape.ts';
import { noteLeftOver, saysSomething } from '../left-over.ts';
import {
  asObject,
  at,
  badRequest,
  isObject,
  needString,
  readArray,
  readBoolean,
  readObject,
  readString,
  wrongType,
} from '../read.ts';
import { decodeFileData, decodeInlineData } from './media-decode.ts';
import type { Notes } from './notes.ts';
import { readResult } from './results.ts';
import { readSignature } from './signatures.ts';
import { camel } from './spelling.ts';

/** A call or a result whose id is still to be told: by order where the client writes none. */
export interface PartReader {
  callId(id: string | null, name: string): string;
  resultId(id: string | null, name: string, path: string): string;
}

const PART_FIELDS: ReadonlySet<string> = new Set([
  'text',
  'thought',
  'thoughtSignature',
  'inlineData',
  'fileData',
  'functionCall',
  'functionResponse',
]);
/** Run by the provider, and what it brought: only the provider knows what they are. */
const PROVIDER_OWN = ['executableCode', 'codeExecutionResult', 'toolCall', 'toolResponse'] as const;
const CALL_FIELDS: ReadonlySet<string> = new Set(['id', 'name', 'args', 'willContinue']);
const RESULT_FIELDS: ReadonlySet<string> = new Set(['id', 'name', 'response', 'parts', 'willContinue']);

/** One part, added to `into`. @throws GatewayError GW_CLIENT_BAD_REQUEST naming the field. */
export function decodePart(
  item: Json | undefined,
  path: string,
  model: boolean,
  reader: PartReader,
  notes: Notes,
  into: Part[],
): void {
  if (typeof item === 'string') {
    into.push(textPart(item));
    return;
  }
  const part = camel(asObject(item, path), notes.spelling);
  const proof = readSignature(readString(part, 'thoughtSignature', path) ?? '');
  const thought = (readBoolean(part, 'thought', path) ?? false) && model;
  const text = readString(part, 'text', path);
  if (thought) {
    addThought(into, text ?? '', proof);
    if (text !== null) {
      noteLeftOver(part, PART_FIELDS, path, notes.dropped);
      return;
    }
  } else if (proof !== null && model) into.push(reasoning('', proof));
  if (text !== null) {
    noteLeftOver(part, PART_FIELDS, path, notes.dropped);
    // An empty text is where a stream hangs its last signature.
    if (text !== '' || !model) into.push(textPart(text));
    return;
  }
  const data = decodeData(part, path, model, reader, notes);
  if (data !== null) into.push(data);
}

// null: it cannot be carried to another provider at all; its path is in notes.mustNotDrop.
function decodeData(
  part: JsonObject,
  path: string,
  model: boolean,
  reader: PartReader,
  notes: Notes,
): Part | null {
  const own = PROVIDER_OWN.find((name) => saysSomething(part[name]) || isObject(part[name]));
  if (own !== undefined) {
    notes.mustNotDrop.push(at(path, own));
    return null;
  }
  noteLeftOver(part, PART_FIELDS, path, notes.dropped);
  const member = (name: string): JsonObject | null => {
    const value = readObject(part, name, path);
    return value === null ? null : camel(value, notes.spelling);
  };
  const inline = member('inlineData');
  if (inline !== null) return decodeInlineData(inline, at(path, 'inlineData'));
  const file = member('fileData');
  if (file !== null) return decodeFileData(file, at(path, 'fileData'), notes);
  const call = member('functionCall');
  if (call !== null) {
    if (!model) throw misplaced(at(path, 'functionCall'), 'model');
    return decodeCall(call, at(path, 'functionCall'), reader, notes);
  }
  const result = member('functionResponse');
  if (result !== null) {
    if (model) throw misplaced(at(path, 'functionResponse'), 'user');
    return decodeResponse(result, at(path, 'functionResponse'), reader, notes);
  }
  throw badRequest(
    path,
    `Invalid value: '${path}' must hold one of text, inlineData, fileData, functionCall or functionResponse.`,
  );
}

function misplaced(path: string, role: string): Error {
  return badRequest(path, `Invalid value: '${path}' may only stand in contents of role '${role}'.`);
}

function textPart(text: string): TextPart {
  return { kind: 'text', text, cache: null };
}

function reasoning(
  text: string,
  { signature, redacted }: { signature: string | null; redacted: string | null },
): ReasoningPart {
  return { kind: 'reasoning', text, signature, redacted };
}

// A client that gathered a stream has its pieces: they are one thought, which the last of them signs.
function addThought(
  into: Part[],
  text: string,
  proof: { signature: string | null; redacted: string | null } | null,
): void {
  const last = into.at(-1);
  const goesOn = last?.kind === 'reasoning' && last.signature === null && last.redacted === null;
  if (proof !== null && proof.redacted !== null) into.push(reasoning('', proof));
  else if (goesOn) {
    last.text += text;
    if (proof !== null) last.signature = proof.signature;
  } else if (text !== '' || proof !== null)
    into.push(reasoning(text, proof ?? { signature: null, redacted: null }));
}

function decodeCall(call: JsonObject, path: string, reader: PartReader, notes: Notes): Part {
  noteLeftOver(call, CALL_FIELDS, path, notes.dropped);
  const name = needString(call, 'name', path);
  const args = call['args'];
  const text = argumentsOf(args);
  if (args !== undefined && args !== null && !isObject(args) && !text.startsWith('{')) {
    throw wrongType(at(path, 'args'), 'an object', args);
  }
  return {
    kind: 'tool_call',
    id: reader.callId(readString(call, 'id', path), name),
    name,
    arguments: isObject(args) ? stringifyJson(args) : text,
    cache: null,
  };
}

function decodeResponse(result: JsonObject, path: string, reader: PartReader, notes: Notes): Part {
  noteLeftOver(result, RESULT_FIELDS, path, notes.dropped);
  const name = needString(result, 'name', path);
  const callId = reader.resultId(readString(result, 'id', path), name, path);
  const response = readObject(result, 'response', path);
  const media: Part[] = [];
  (readArray(result, 'parts', path) ?? []).forEach((item, index) => {
    decodePart(item, at(at(path, 'parts'), index), false, reader, notes, media);
  });
  const { text, isError } = response === null ? { text: '', isError: false } : readResult(response);
  // An empty object beside media says nothing.
  const silent = media.length > 0 && (text === '{}' || text === '');
  return {
    kind: 'tool_result',
    callId,
    content: silent ? media : [textPart(text), ...media],
    isError,
    cache: null,
  };
}
