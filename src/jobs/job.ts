// One route of the operator's own, compiled: from a payload to the request of a model, and from what it said to an answer.
import type { Call } from '../contracts/call.ts';
import type { Dialect } from '../contracts/dialect.ts';
import { GatewayError } from '../contracts/errors.ts';
import type { JobConfig } from '../contracts/job.ts';
import type { Json, JsonObject } from '../contracts/json.ts';
import { parseLossless } from '../body/lossless.ts';
import { isObject } from '../dialects/read.ts';
import { compileValidator, unfenced, type Validator } from '../guardrails/json-schema.ts';
import { compileTemplate, type Template, withoutNulls } from './template.ts';

export interface Job {
  readonly config: JobConfig;
  /** @returns the body of the call. @throws GatewayError GW_CLIENT_BAD_REQUEST that names what is wrong. */
  request(body: Buffer, payload: PayloadNote): Buffer;
  /** @returns the body of the answer. @throws GatewayError GW_JOB_ANSWER where the model said something else than it should. */
  answer(body: Buffer, payload: PayloadNote, call: Pick<Call, 'id'>): string;
}

/** Between a request and its answer. */
export interface PayloadNote {
  payload: JsonObject;
}

const REQUEST_ROOTS = ['payload'] as const;
const ANSWER_ROOTS = ['payload', 'answer', 'text', 'model', 'usage', 'id'] as const;

interface JobParts {
  readonly valid: Validator | null;
  readonly fits: Validator | null;
  readonly request: Template;
  readonly made: Template | null;
}

/** What of it needs no dialect: who only checks a configuration loads none. @throws Error that says what of it cannot be compiled. */
export function compileParts({ input, normalise, schema, request, body }: JobConfig): JobParts {
  return {
    valid: input === null ? null : validator(input, 'input.schema', normalise),
    fits: schema === null ? null : validator(schema, 'answer.schema', {}),
    request: within('request', () => compileTemplate(request, REQUEST_ROOTS)),
    made: body === null ? null : within('answer.body', () => compileTemplate(body, ANSWER_ROOTS)),
  };
}

/** @param byPath the dialect says model and streaming in its path. @throws Error that says what of it cannot be compiled. */
export function compileJob(config: JobConfig, { chat }: Pick<Dialect, 'chat'>, byPath: boolean): Job {
  const { normalise, from } = config;
  const { valid, fits, request, made } = compileParts(config);
  const own: JsonObject = byPath ? {} : { model: config.model, stream: false };

  return {
    config,
    request(body, note) {
      const payload = payloadOf(body);
      if (normalise.text) note.payload = normalised(payload) as JsonObject;
      else note.payload = payload;
      const fault = valid?.(note.payload) ?? null;
      if (fault !== null) throw badPayload(fault.message, fault.path);
      const filled = request(note.payload === undefined ? {} : { payload: note.payload }) as JsonObject;
      return Buffer.from(JSON.stringify({ ...(config.method ? messageOf(filled) : filled), ...own }));
    },
    answer(body, { payload }, call) {
      const said = chat.decodeAnswer(JSON.parse(body.toString('utf8')) as JsonObject);
      let text = '';
      for (const part of said.parts) if (part.kind === 'text') text += part.text;
      const answer = from === 'text' ? text : jsonOf(text);
      const fault = fits?.(answer) ?? null;
      if (fault !== null) throw badAnswer(`${fault.path} ${fault.message}`);
      if (made === null) return JSON.stringify(from === 'text' ? { text } : answer);
      const usage = said.usage === null ? null : (JSON.parse(JSON.stringify(said.usage)) as Json);
      return JSON.stringify(made({ payload, answer, text, model: said.model, usage, id: call.id }));
    },
  };
}

/** A provider that has the method takes its message as the last one of a chat (grpc/protocols/mapped). */
function messageOf(message: JsonObject): JsonObject {
  return { messages: [{ role: 'user', content: JSON.stringify(withoutNulls(message)) }] };
}

function validator(
  schema: JsonObject,
  where: string,
  options: Parameters<typeof compileValidator>[1],
): Validator {
  return within(where, () => compileValidator(schema, options));
}

function within<T>(where: string, compile: () => T): T {
  try {
    return compile();
  } catch (cause) {
    throw new Error(`${where}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

function payloadOf(body: Buffer): JsonObject {
  let value: Json;
  try {
    value = parseLossless(new TextDecoder('utf-8', { fatal: true }).decode(body), false);
  } catch {
    throw new GatewayError('GW_CLIENT_BAD_JSON');
  }
  if (isObject(value)) return value;
  throw badPayload('must be an object', '');
}

function normalised(value: Json): Json {
  if (typeof value === 'string') return value.normalize('NFC').trim();
  if (Array.isArray(value)) return value.map(normalised);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, normalised(inner ?? null)]));
}

function badPayload(message: string, path: string): GatewayError {
  const param = path === '' ? undefined : path.slice(1).replaceAll('/', '.');
  return new GatewayError('GW_CLIENT_BAD_REQUEST', {
    message: `The payload${param === undefined ? '' : ` at \`${param.slice(0, 200)}\``} ${message}.`,
    param,
  });
}

function jsonOf(text: string): Json {
  try {
    return JSON.parse(unfenced(text)) as Json;
  } catch {
    throw badAnswer('it is not JSON');
  }
}

function badAnswer(why: string): GatewayError {
  return new GatewayError('GW_JOB_ANSWER', {
    message: `The model did not answer what this route promises: ${why.slice(0, 300)}.`,
  });
}
