// What clients of the chat socket say: each text frame is one JSON object.
import { parseLossless, stringifyJson } from '../../body/lossless.ts';
import type { DialectName } from '../../contracts/dialect-name.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { isObject } from '../../dialects/read.ts';
import { DIALECT_NAMES } from '../../registry/manners.ts';
import { detectDialect } from './chat-dialect.ts';
import { saysByPath } from '../routes/chat-routes.ts';

/** How a client names a conversation; frames about it say it as it came. */
export type ChatId = string | number;

export interface ChatRequest {
  kind: 'request';
  id: ChatId;
  dialect: DialectName;
  /** Where the dialect's vendor has it in the path; else null, and the body says it. */
  model: string | null;
  stream: boolean;
  body: Buffer;
}

export type ChatFrame =
  | ChatRequest
  | { kind: 'cancel' | 'pause' | 'continue'; id: ChatId }
  | { kind: 'resume'; token: string; after: number }
  | { kind: 'ping'; id: ChatId | null }
  | { kind: 'bad'; id: ChatId | null; message: string; param: string | null };

const MAX_ID = 128;

/** @param usual dialect of a request that tells it in no way. */
export function readFrame(text: string, usual: DialectName): ChatFrame {
  const frame = objectOf(text);
  if (frame === null) return bad(null, 'A frame must be a JSON object.', null);
  const id = idOf(frame['id']);
  const type = frame['type'] ?? 'request';
  switch (type) {
    case 'ping':
      return { kind: 'ping', id };
    case 'resume':
      return readResume(frame, id);
    case 'request':
    case 'cancel':
    case 'pause':
    case 'continue':
      break;
    default:
      return bad(
        id,
        'There is no such `type` of frame: request, cancel, pause, continue, resume, ping.',
        'type',
      );
  }
  if (id === null)
    return bad(
      null,
      `A frame needs an \`id\`: text of ${MAX_ID} characters at most, or a whole number.`,
      'id',
    );
  return type === 'request' ? readRequest(frame, id, usual) : { kind: type, id };
}

function readResume(frame: JsonObject, id: ChatId | null): ChatFrame {
  const { resume: token, after = 0 } = frame;
  if (typeof token !== 'string' || token === '' || token.length > MAX_ID)
    return bad(id, '`resume` must be what the `started` frame said.', 'resume');
  if (typeof after !== 'number' || !Number.isSafeInteger(after) || after < 0)
    return bad(id, '`after` must be the `seq` of the last frame that came.', 'after');
  return { kind: 'resume', token, after };
}

/** Flat, or in a member `request` of its own. */
function readRequest(frame: JsonObject, id: ChatId, usual: DialectName): ChatFrame {
  const { id: _id, type: _type, dialect: stated, request: nested, ...flat } = frame;
  if (nested !== undefined && !isObject(nested)) return bad(id, '`request` must be an object.', 'request');
  const request: JsonObject = nested === undefined ? flat : nested;
  const dialect = stated === undefined ? detectDialect(request, usual) : named(stated);
  if (dialect === null) return bad(id, `\`dialect\` must be one of ${DIALECT_NAMES.join(', ')}.`, 'dialect');
  const model = request['model'] ?? flat['model'];
  const stream = request['stream'] ?? flat['stream'] ?? true;
  if (typeof stream !== 'boolean') return bad(id, '`stream` must be true or false.', 'stream');
  if (!saysByPath(dialect)) {
    const whole = { ...request, ...(model === undefined ? {} : { model }), stream };
    return { kind: 'request', id, dialect, model: null, stream, body: Buffer.from(stringifyJson(whole)) };
  }
  if (typeof model !== 'string' || model === '')
    return bad(id, '`model` must be the name of a model.', 'model');
  const { model: _model, stream: _stream, ...rest } = request;
  return { kind: 'request', id, dialect, model, stream, body: Buffer.from(stringifyJson(rest)) };
}

const named = (stated: unknown): DialectName | null => DIALECT_NAMES.find((name) => name === stated) ?? null;

function idOf(value: unknown): ChatId | null {
  if (typeof value === 'string') return value !== '' && value.length <= MAX_ID ? value : null;
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : null;
}

/** Numbers keep their digits. */
function objectOf(text: string): JsonObject | null {
  try {
    const frame = parseLossless(text, true);
    return isObject(frame) ? frame : null;
  } catch {
    return null;
  }
}

function bad(id: ChatId | null, message: string, param: string | null): ChatFrame {
  return { kind: 'bad', id, message, param };
}
