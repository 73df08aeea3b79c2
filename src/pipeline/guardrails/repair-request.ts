// A request whose answer was not good enough, said once more with what was wrong.
import { parseLossless } from '../../body/lossless.ts';
import type { DialectName } from '../../contracts/dialect-name.ts';
import type { JsonObject } from '../../contracts/json.ts';

/** Where a dialect keeps its turns, and how it says one of a user's. */
const TURNS: Readonly<Record<DialectName, { list: string; turn(text: string): JsonObject }>> = {
  'openai-chat': { list: 'messages', turn: (content) => ({ role: 'user', content }) },
  'openai-responses': { list: 'input', turn: (content) => ({ role: 'user', content }) },
  anthropic: { list: 'messages', turn: (content) => ({ role: 'user', content }) },
  'bedrock-invoke': { list: 'messages', turn: (content) => ({ role: 'user', content }) },
  cohere: { list: 'messages', turn: (content) => ({ role: 'user', content }) },
  bedrock: { list: 'messages', turn: (text) => ({ role: 'user', content: [{ text }] }) },
  gemini: { list: 'contents', turn: (text) => ({ role: 'user', parts: [{ text }] }) },
};

/** @returns the body, not streamed; null where the request has no turns that one could be added to. */
export function askedAgain(body: Buffer, dialect: DialectName, model: string, reason: string): Buffer | null {
  const json = parseLossless(body.toString('utf8'), true);
  if (json === null || typeof json !== 'object' || Array.isArray(json)) return null;
  // Checked above; a raw number is no body that was inspected.
  const request = json as JsonObject;
  const { list, turn } = TURNS[dialect];
  const said = request[list];
  const turns = Array.isArray(said) ? said : typeof said === 'string' ? [turn(said)] : null;
  if (turns === null) return null;
  const wish = `Your last answer to this was not accepted: ${reason}. Answer again. Where a form is asked for, answer in exactly that form and with nothing beside it.`;
  const { stream: _stream, stream_options: _options, fallbacks: _fallbacks, ...rest } = request;
  return Buffer.from(JSON.stringify({ ...rest, model, [list]: [...turns, turn(wish)] }));
}
