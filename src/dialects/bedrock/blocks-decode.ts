// Content blocks of a client's messages into neutral parts. A block is an object with one member, which names its kind. What
// another provider cannot have is noted by its path: `dropped` for hints, `mustNotDrop` where leaving it out would change
// what is asked (wire.md 7.1).
import { stringifyJson } from '../../body/lossless.ts';
import type { CacheMark, Part, TextPart } from '../../contracts/chat.ts';
import type { Json, JsonObject } from '../../contracts/json.ts';
import { fromWireName } from '../anthropic/wire-names.ts';
import { argumentsOf } from '../argument-shape.ts';
import { parseObject } from '../lenient.ts';
import type { Unmapped } from '../notes.ts';
import {
  asArray,
  asObject,
  at,
  badRequest,
  needObject,
  needString,
  oneOf,
  readArray,
  readObject,
  readString,
  wrongType,
} from '../read.ts';
import { decodeAudio, decodeDocument, decodeImage, decodeVideo } from './media-decode.ts';
import { decodeRedacted } from './redacted.ts';

type Place = 'user' | 'assistant' | 'system' | 'tool result';

/** A `content` member. @throws GatewayError naming the path of what is wrong. */
export function decodeContent(
  content: Json | undefined,
  path: string,
  place: Place,
  unmapped: Unmapped,
): Part[] {
  const parts: Part[] = [];
  for (const [index, item] of asArray(content, path).entries()) {
    const blockPath = at(path, index);
    const block = asObject(item, blockPath);
    const kind = kindOf(block, blockPath);
    if (kind === 'cachePoint') markLast(parts, decodeCachePoint(block, blockPath), blockPath, unmapped);
    else for (const part of decodeBlock(block, kind, blockPath, place, unmapped)) parts.push(part);
  }
  return parts;
}

/** `system`: texts and cache points. */
export function decodeSystem(system: Json | undefined, path: string, unmapped: Unmapped): TextPart[] {
  if (system === undefined || system === null) return [];
  const parts = decodeContent(system, path, 'system', unmapped);
  return parts.filter((part) => part.kind === 'text');
}

/** A `cachePoint` marks what stands before it. */
export function decodeCachePoint(block: JsonObject, path: string): CacheMark {
  const point = needObject(block, 'cachePoint', path);
  const where = at(path, 'cachePoint');
  readString(point, 'type', where);
  return { ttl: readString(point, 'ttl', where) };
}

/** The one member of a block, or of another union, that is set. */
export function kindOf(block: JsonObject, path: string): string {
  const kinds = Object.keys(block).filter((key) => block[key] !== undefined && block[key] !== null);
  if (kinds.length === 1) return kinds[0]!;
  throw badRequest(path, `Invalid value: '${path}' must have exactly one member that says what it is.`);
}

function markLast(parts: Part[], mark: CacheMark, path: string, unmapped: Unmapped): void {
  const last = parts.at(-1);
  if (last !== undefined && 'cache' in last) last.cache = mark;
  else unmapped.dropped.push(path);
}

function decodeBlock(
  block: JsonObject,
  kind: string,
  path: string,
  place: Place,
  unmapped: Unmapped,
): Part[] {
  const inner = at(path, kind);
  switch (kind) {
    case 'text':
      return [textPart(needString(block, kind, path))];
    case 'image':
      allow(place !== 'system', place, kind, path);
      return decodeImage(needObject(block, kind, path), inner, unmapped);
    case 'document':
      allow(place !== 'system', place, kind, path);
      return decodeDocument(needObject(block, kind, path), inner, unmapped);
    case 'video':
      allow(place !== 'system', place, kind, path);
      return decodeVideo(needObject(block, kind, path), inner, unmapped);
    case 'audio':
      allow(place === 'user', place, kind, path);
      return decodeAudio(needObject(block, kind, path), inner, unmapped);
    case 'json':
      allow(place === 'tool result', place, kind, path);
      return [textPart(stringifyJson(block[kind]!))];
    case 'searchResult':
      return [decodeSearchResult(needObject(block, kind, path), inner)];
    case 'toolUse':
      allow(place === 'assistant', place, kind, path);
      return decodeToolUse(needObject(block, kind, path), inner, unmapped);
    case 'toolResult':
      allow(place === 'user', place, kind, path);
      return [decodeToolResult(needObject(block, kind, path), inner, unmapped)];
    case 'reasoningContent':
      allow(place === 'assistant', place, kind, path);
      return [decodeReasoning(needObject(block, kind, path), inner)];
    case 'citationsContent':
      allow(place === 'assistant', place, kind, path);
      unmapped.dropped.push(at(inner, 'citations'));
      return [decodeCited(needObject(block, kind, path), inner)];
    default:
      // guardContent, tools added and removed, and what comes after this was written.
      unmapped.mustNotDrop.push(inner);
      return [];
  }
}

function allow(allowed: boolean, place: Place, kind: string, path: string): void {
  if (allowed) return;
  const where =
    place === 'tool result' || place === 'system' ? `in a ${place}` : `in a message of role '${place}'`;
  throw badRequest(path, `'${path}': a block of type '${kind}' may not stand ${where}.`);
}

function textPart(text: string): TextPart {
  return { kind: 'text', text, cache: null };
}

// Has no twin elsewhere, but it is only text under a heading.
function decodeSearchResult(result: JsonObject, path: string): TextPart {
  const lines = [needString(result, 'title', path), needString(result, 'source', path), ''];
  return textPart([...lines, ...textsOf(result, path)].join('\n'));
}

function decodeCited(cited: JsonObject, path: string): TextPart {
  return textPart(textsOf(cited, path).join(''));
}

function textsOf(object: JsonObject, path: string): string[] {
  const contentPath = at(path, 'content');
  return (readArray(object, 'content', path) ?? []).map((item, index) => {
    const itemPath = at(contentPath, index);
    return needString(asObject(item, itemPath), 'text', itemPath);
  });
}

function decodeToolUse(use: JsonObject, path: string, unmapped: Unmapped): Part[] {
  if (readString(use, 'type', path) !== null) {
    // A tool that runs at the provider.
    unmapped.mustNotDrop.push(path);
    return [];
  }
  const text = argumentsOf(use['input']);
  if (parseObject(text) === null) throw wrongType(at(path, 'input'), 'an object', use['input']);
  const id = fromWireName(needString(use, 'toolUseId', path));
  return [{ kind: 'tool_call', id, name: needString(use, 'name', path), arguments: text, cache: null }];
}

function decodeToolResult(result: JsonObject, path: string, unmapped: Unmapped): Part {
  const status = readString(result, 'status', path);
  if (status !== null) oneOf(status, ['success', 'error'], at(path, 'status'));
  return {
    kind: 'tool_result',
    callId: fromWireName(needString(result, 'toolUseId', path)),
    content: decodeContent(result['content'] ?? [], at(path, 'content'), 'tool result', unmapped),
    isError: status === 'error',
    cache: null,
  };
}

function decodeReasoning(reasoning: JsonObject, path: string): Part {
  const redacted = readString(reasoning, 'redactedContent', path);
  if (redacted !== null)
    return { kind: 'reasoning', text: '', signature: null, redacted: decodeRedacted(redacted) };
  const told = readObject(reasoning, 'reasoningText', path);
  if (told === null) throw wrongType(at(path, 'reasoningText'), 'an object', reasoning['reasoningText']);
  return {
    kind: 'reasoning',
    text: readString(told, 'text', at(path, 'reasoningText')) ?? '',
    signature: readString(told, 'signature', at(path, 'reasoningText')) || null,
    redacted: null,
  };
}
