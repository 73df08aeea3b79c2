// Content blocks of a client's messages into neutral parts. What another provider cannot have is noted by its path:
// `dropped` for hints, `mustNotDrop` where leaving it out would change what is asked (wire.md 7.1).

import type { CacheMark, DocumentPart, Part, TextPart } from '../../contracts/chat.ts';
import type { Json, JsonObject } from '../../contracts/json.ts';
import { argumentsOf } from '../argument-shape.ts';
import { parseObject } from '../lenient.ts';
import { standardBase64, trueMediaType } from '../media-bytes.ts';
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
  readBoolean,
  readObject,
  readString,
  wrongType,
} from '../read.ts';
import { ATTRIBUTION } from './attribution.ts';
import { fromWireName } from './wire-names.ts';

/** Where blocks stand: decides which kinds are allowed. */
export type Place = 'user' | 'assistant' | 'tool_result';

/** A `content` member, string or list of blocks. @throws GatewayError naming the path of what is wrong. */
export function decodeContent(
  content: Json | undefined,
  path: string,
  place: Place,
  unmapped: Unmapped,
): Part[] {
  if (typeof content === 'string') return [textPart(content, null)];
  return asArray(content, path).flatMap((item, index) => {
    const blockPath = at(path, index);
    return decodeBlock(asObject(item, blockPath), blockPath, place, unmapped);
  });
}

/**
 * `system`: a string or text blocks. Claude Code's attribution is no instruction, and as the start of the prompt, another for
 * each, it would keep other vendors from caching: it is left out.
 */
export function decodeSystem(system: Json | undefined, path: string, unmapped: Unmapped): TextPart[] {
  if (system === undefined || system === null) return [];
  if (typeof system === 'string') return [textPart(system, null)];
  return asArray(system, path).flatMap((item, index) => {
    const blockPath = at(path, index);
    const block = asObject(item, blockPath);
    oneOf(needString(block, 'type', blockPath), ['text'], at(blockPath, 'type'));
    const part = decodeText(block, blockPath, unmapped);
    if (index !== 0 || !part.text.startsWith(ATTRIBUTION)) return [part];
    unmapped.dropped.push(blockPath);
    return [];
  });
}

/** `cache_control` of a block or tool. */
export function decodeCache(block: JsonObject, path: string): CacheMark | null {
  const mark = readObject(block, 'cache_control', path);
  if (mark === null) return null;
  const where = at(path, 'cache_control');
  readString(mark, 'type', where);
  return { ttl: readString(mark, 'ttl', where) };
}

function decodeBlock(block: JsonObject, path: string, place: Place, unmapped: Unmapped): Part[] {
  const type = needString(block, 'type', path);
  switch (type) {
    case 'text':
      return [decodeText(block, path, unmapped)];
    case 'image':
      return decodeImage(block, path, unmapped);
    case 'document':
      return decodeDocument(block, path, unmapped);
    case 'search_result':
      return [decodeSearchResult(block, path, unmapped)];
    case 'tool_use':
      allow(place, 'assistant', type, path);
      return [decodeToolUse(block, path)];
    case 'tool_result':
      allow(place, 'user', type, path);
      return [decodeToolResult(block, path, unmapped)];
    case 'thinking':
      allow(place, 'assistant', type, path);
      return [
        {
          kind: 'reasoning',
          text: needString(block, 'thinking', path),
          // An empty signature is what we wrote for a provider that has none.
          signature: readString(block, 'signature', path) || null,
          redacted: null,
        },
      ];
    case 'redacted_thinking':
      allow(place, 'assistant', type, path);
      return [{ kind: 'reasoning', text: '', signature: null, redacted: needString(block, 'data', path) }];
    default:
      // server_tool_use and its results, container_upload, tool_reference, and what comes after this was written.
      unmapped.mustNotDrop.push(path);
      return [];
  }
}

function allow(place: Place, wanted: Place, type: string, path: string): void {
  if (place === wanted) return;
  const where = place === 'tool_result' ? 'inside a tool_result' : `in a message of role '${place}'`;
  throw badRequest(path, `'${path}': a block of type '${type}' may not stand ${where}.`);
}

function textPart(text: string, cache: CacheMark | null): TextPart {
  return { kind: 'text', text, cache };
}

function decodeText(block: JsonObject, path: string, unmapped: Unmapped): TextPart {
  const text = needString(block, 'text', path);
  if (readArray(block, 'citations', path)?.length) unmapped.dropped.push(at(path, 'citations'));
  return textPart(text, decodeCache(block, path));
}

function decodeImage(block: JsonObject, path: string, unmapped: Unmapped): Part[] {
  const source = needObject(block, 'source', path);
  const sourcePath = at(path, 'source');
  const cache = decodeCache(block, path);
  switch (needString(source, 'type', sourcePath)) {
    case 'base64':
      return [{ kind: 'image', source: decodeBase64(source, sourcePath), detail: null, cache }];
    case 'url':
      return [
        {
          kind: 'image',
          source: { kind: 'url', url: needString(source, 'url', sourcePath) },
          detail: null,
          cache,
        },
      ];
    default:
      // `file`: an id at this provider.
      unmapped.mustNotDrop.push(sourcePath);
      return [];
  }
}

// Anthropic wants standard base64 under the true type; other clients and servers are less strict.
function decodeBase64(source: JsonObject, path: string): { kind: 'base64'; mediaType: string; data: string } {
  const data = standardBase64(needString(source, 'data', path));
  if (data === null)
    throw badRequest(at(path, 'data'), `Invalid value: '${at(path, 'data')}' must be base64.`);
  const mediaType = trueMediaType(readString(source, 'media_type', path) ?? '', data);
  if (mediaType === '') throw wrongType(at(path, 'media_type'), 'a string', source.media_type);
  return { kind: 'base64', mediaType, data };
}

function decodeDocument(block: JsonObject, path: string, unmapped: Unmapped): Part[] {
  const source = needObject(block, 'source', path);
  const sourcePath = at(path, 'source');
  const cache = decodeCache(block, path);
  const name = readString(block, 'title', path);
  const cited = isCited(block, path);
  if (cited) (unmapped.citations ??= []).push(at(path, 'citations'));
  if (block.context !== undefined && block.context !== null) unmapped.dropped.push(at(path, 'context'));
  const document = (from: DocumentPart['source']): Part[] => [
    { kind: 'document', source: from, name, cache, ...(cited && { citations: true }) },
  ];
  switch (needString(source, 'type', sourcePath)) {
    case 'base64':
      return document(decodeBase64(source, sourcePath));
    case 'url':
      return document({ kind: 'url', url: needString(source, 'url', sourcePath) });
    case 'text':
      return document({ kind: 'text', text: needString(source, 'data', sourcePath) });
    case 'content': {
      const parts = decodeContent(source.content, at(sourcePath, 'content'), 'tool_result', unmapped);
      const texts = parts.filter((part) => part.kind === 'text');
      // Pieces of text are one document; with images among them their order says more than their being a document.
      if (texts.length < parts.length) return parts;
      return document({ kind: 'text', text: texts.map((part) => part.text).join('\n') });
    }
    default:
      unmapped.mustNotDrop.push(sourcePath);
      return [];
  }
}

// Has no twin elsewhere, but it is only text under a heading.
function decodeSearchResult(block: JsonObject, path: string, unmapped: Unmapped): TextPart {
  if (isCited(block, path)) unmapped.dropped.push(at(path, 'citations'));
  const content = decodeSystem(block.content, at(path, 'content'), unmapped);
  const lines = [needString(block, 'title', path), needString(block, 'source', path), ''];
  return textPart([...lines, ...content.map((part) => part.text)].join('\n'), decodeCache(block, path));
}

function isCited(block: JsonObject, path: string): boolean {
  const citations = readObject(block, 'citations', path);
  return citations !== null && readBoolean(citations, 'enabled', at(path, 'citations')) === true;
}

function decodeToolUse(block: JsonObject, path: string): Part {
  return {
    kind: 'tool_call',
    id: fromWireName(needString(block, 'id', path)),
    name: needString(block, 'name', path),
    arguments: inputText(block, path),
    cache: decodeCache(block, path),
  };
}

// A client may return what a loose server wrote: no input, or an object that was encoded twice.
function inputText(block: JsonObject, path: string): string {
  const text = argumentsOf(block.input);
  if (parseObject(text) === null) throw wrongType(at(path, 'input'), 'an object', block.input);
  return text;
}

function decodeToolResult(block: JsonObject, path: string, unmapped: Unmapped): Part {
  const { content } = block;
  return {
    kind: 'tool_result',
    callId: fromWireName(needString(block, 'tool_use_id', path)),
    content:
      content === undefined || content === null
        ? []
        : decodeContent(content, at(path, 'content'), 'tool_result', unmapped),
    isError: readBoolean(block, 'is_error', path) ?? false,
    cache: decodeCache(block, path),
  };
}
