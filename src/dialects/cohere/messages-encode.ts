// The neutral conversation into `messages`.
import type { EncodeTarget } from '../../contracts/body.ts';
import type { CacheMark, ChatRequest, DocumentPart, TextPart, Turn } from '../../contracts/chat.ts';
import type { Json, JsonObject } from '../../contracts/json.ts';
import { dataUrl } from '../data-url.ts';
import { type Losses, unsupported } from '../losses.ts';
import { at } from '../read.ts';
import { documentText, joinTurns, type Placed, placed, splitResults, texts } from '../results-apart.ts';
import { pairToolCalls } from '../tool-pairs.ts';
import { wireName } from '../wire-name.ts';

/** Writes `messages`. @throws GatewayError GW_CLIENT_UNSUPPORTED for what Cohere takes in no message. */
export function encodeMessages(request: ChatRequest, target: EncodeTarget, losses: Losses): JsonObject[] {
  const turns = pairToolCalls(request.turns, target.capabilities.toolId, () =>
    losses.adapt('messages[].tool_call_id'),
  );
  const messages: JsonObject[] = [];
  if (request.system.length > 0) {
    const parts = request.system.map((part, index) => ({ part, path: at('system', index) }));
    messages.push({ role: 'system', content: textContent(parts, losses) });
  }
  joinTurns(turns).forEach((turn, index) => {
    const path = at('messages', index);
    if (turn.name !== null) losses.drop(at(path, 'name'));
    if (turn.role === 'assistant') messages.push(assistantMessage(turn, path, losses));
    else if (turn.role === 'user') messages.push(...userMessages(turn, path, losses));
    else messages.push({ role: 'system', content: textContent(texts(placed(turn, path)), losses) });
  });
  return messages;
}

function userMessages(turn: Turn, path: string, losses: Losses): JsonObject[] {
  const { results, rest } = splitResults(turn, path, losses);
  const messages = results.map(
    ({ result, text }): JsonObject => ({
      role: 'tool',
      tool_call_id: result.callId,
      content: textContent(text, losses),
    }),
  );
  if (rest.length > 0 || messages.length === 0) {
    messages.push({ role: 'user', content: collapse(rest.map((entry) => userPart(entry, losses))) });
  }
  return messages;
}

function userPart({ part, path }: Placed, losses: Losses): JsonObject {
  switch (part.kind) {
    case 'text':
      return textPart(part, path, losses);
    case 'image': {
      const { source, detail, cache } = part;
      dropMark(cache, path, losses);
      const url = source.kind === 'url' ? source.url : dataUrl(source.mediaType, source.data);
      const image: JsonObject = { url };
      if (detail !== null) image['detail'] = detail;
      return { type: 'image_url', image_url: image };
    }
    case 'document': {
      const { source, name, cache } = part;
      const text = plainTextOf(source);
      if (text === null) {
        throw unsupported(path, `'${path}': the provider of this model takes documents as text only.`);
      }
      dropMark(cache, path, losses);
      losses.adapt(path);
      return { type: 'text', text: documentText(name, text) };
    }
    default:
      throw unsupported(
        path,
        `'${path}' (${part.kind}) cannot be carried over to the provider of this model.`,
      );
  }
}

/** The words of a document that is text; null for any other. */
function plainTextOf(source: DocumentPart['source']): string | null {
  if (source.kind === 'text') return source.text;
  if (source.kind === 'url' || !source.mediaType.startsWith('text/')) return null;
  return Buffer.from(source.data, 'base64').toString();
}

// What is said before a call is Cohere's plan for it.
function assistantMessage(turn: Turn, path: string, losses: Losses): JsonObject {
  const message: JsonObject = { role: 'assistant' };
  const content: JsonObject[] = [];
  const plan: string[] = [];
  const calls: JsonObject[] = [];
  const acts = turn.parts.some((part) => part.kind === 'tool_call');
  for (const { part, path: where } of placed(turn, path)) {
    switch (part.kind) {
      case 'tool_call':
        dropMark(part.cache, where, losses);
        calls.push({
          id: part.id,
          type: 'function',
          function: { name: wireName(part.name), arguments: part.arguments === '' ? '{}' : part.arguments },
        });
        break;
      case 'text':
      case 'refusal':
        if (part.kind === 'text') dropMark(part.cache, where, losses);
        else losses.adapt(where);
        if (calls.length > 0) losses.adapt(where); // calls always stand behind the text here
        if (acts) plan.push(part.text);
        else content.push({ type: 'text', text: part.text });
        break;
      case 'reasoning':
        // Without its proof, or not at all where it is nothing else.
        if (part.signature !== null || part.redacted !== null || part.text === '') losses.adapt(where);
        if (part.text !== '') content.push({ type: 'thinking', thinking: part.text });
        break;
      default:
        throw unsupported(where, `'${where}': an assistant message cannot hold a ${part.kind} part here.`);
    }
  }
  if (content.length > 0) message['content'] = collapse(content);
  else if (calls.length === 0) message['content'] = '';
  const planned = plan.join('');
  if (planned !== '') message['tool_plan'] = planned;
  if (calls.length > 0) message['tool_calls'] = calls;
  return message;
}

function textContent(parts: readonly Placed<TextPart>[], losses: Losses): Json {
  return collapse(parts.map(({ part, path }) => textPart(part, path, losses)));
}

function textPart(part: TextPart, path: string, losses: Losses): JsonObject {
  dropMark(part.cache, path, losses);
  return { type: 'text', text: part.text };
}

/** One plain text is written as a string, as people write it. */
function collapse(parts: JsonObject[]): Json {
  if (parts.length === 0) return '';
  const [only] = parts;
  return parts.length === 1 && only!['type'] === 'text' ? only!['text']! : parts;
}

function dropMark(cache: CacheMark | null, path: string, losses: Losses): void {
  if (cache !== null) losses.drop(at(path, 'cache_control'));
}
