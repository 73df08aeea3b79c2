// A chat by any method of a .proto: the request message is made by a template, the text is found in the answers by a path. Without a
// template the conversation's last message is the request, as JSON, and without a path the whole answer is the text: so a method is called
// as it is (JSON jobs).
import {
  type GrpcConfig,
  type GrpcProtocol,
  GrpcInBandFault,
  type MappedMethod,
} from '../../contracts/grpc-provider.ts';
import type { Json, JsonObject } from '../../contracts/json.ts';
import { GatewayError } from '../../contracts/errors.ts';
import { badRequest, isObject } from '../../dialects/read.ts';
import { compileTemplate, withoutNulls } from '../../jobs/template.ts';
import { matchesPattern } from '../../names/pattern.ts';
import { type ChatAsk, readAsk } from '../chat/ask.ts';
import { SCOPE_NAMES, scopeOf, takenBy } from '../chat/scope.ts';
import { type Heard, isReason, TextAnswer } from '../chat/text-answer.ts';
import { createMessageTypes, type MessageMethod, type MessageTypes } from '../message-types.ts';

interface Mapping {
  readonly method: MessageMethod;
  readonly takes: ReadonlySet<string>;
  request(ask: ChatAsk): JsonObject;
  readonly config: MappedMethod;
}

/** As it stands in the .proto: JSON in, JSON out. */
const BARE: Omit<MappedMethod, 'method'> = { request: null, answer: { text: null, cumulative: false } };

/** @throws Error that says what of the mapping cannot be compiled. */
export function createMappedProtocol(config: GrpcConfig): GrpcProtocol {
  const types = createMessageTypes(config.descriptors);
  const named = Object.entries(config.methods).map(
    ([name, method]) => [name, compileMapping(types, method, config)] as const,
  );
  /** Called by their own names, as they were asked for. */
  const bare = new Map<string, Mapping>();

  const mappingOf = (model: string): Mapping | null => {
    const stated =
      named.find(([name]) => name === model) ?? named.find(([name]) => matchesPattern(name, model));
    const known = bare.get(model);
    if (known !== undefined) return known;
    if (types.methods.includes(model) && stated?.[0] !== model) {
      const mapping = compileMapping(types, { method: model, ...BARE }, config);
      bare.set(model, mapping);
      return mapping;
    }
    return stated?.[1] ?? null;
  };

  return {
    ask(body, id, nowS) {
      const { model } = body;
      const mapping = mappingOf(String(model));
      if (mapping === null)
        throw new GatewayError('GW_CLIENT_MODEL_NOT_FOUND', {
          message: 'This provider has no method for this model.',
        });
      const ask = readAsk(body, id, nowS, mapping.takes);
      let message: Uint8Array;
      try {
        message = mapping.method.encode(mapping.request(ask));
      } catch (cause) {
        if (cause instanceof GatewayError) throw cause;
        const why = cause instanceof Error ? cause.message : String(cause);
        throw badRequest(
          'messages',
          `The request does not fit ${mapping.config.method}: ${why.slice(0, 300)}.`,
        );
      }
      return { path: mapping.method.path, message, answer: answerOf(ask, mapping), abort: null };
    },
  };
}

function compileMapping(types: MessageTypes, config: MappedMethod, { prompt }: GrpcConfig): Mapping {
  const method = types.method(config.method);
  if (method === null)
    throw new Error(`there is no method ${config.method}; there are ${types.methods.join(', ') || 'none'}`);
  const { text, finishReason, inputTokens, outputTokens, error } = config.answer;
  for (const path of [text, finishReason, inputTokens, outputTokens, error]) {
    const missing = typeof path === 'string' ? method.missing(path) : null;
    if (missing !== null)
      throw new Error(`answers of ${config.method} have no \`${path}\`: \`${missing}\` is not there`);
  }
  if (config.request === null)
    return {
      method,
      config,
      takes: new Set(),
      request: ({ messages }) => jsonOf(messages.at(-1)?.text ?? ''),
    };
  const unknown = method.unknown(config.request);
  if (unknown !== null) throw new Error(`requests of ${config.method} have no \`${unknown}\``);
  const template = compileTemplate(config.request, SCOPE_NAMES);
  return {
    method,
    config,
    takes: takenBy(config.request),
    request: (ask) => withoutNulls(template(scopeOf(ask, prompt))) as JsonObject, // made of an object
  };
}

function jsonOf(text: string): JsonObject {
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch {
    throw badRequest(
      'messages',
      'This method takes its request as JSON in the last message, and that is none.',
    );
  }
  if (isObject(value)) return value;
  throw badRequest('messages', 'This method takes its request as a JSON object in the last message.');
}

function answerOf(ask: ChatAsk, { method, config }: Mapping): TextAnswer {
  const { answer } = config;
  let count = 0;
  return new TextAnswer(ask, (message, heard) => {
    const said = method.decode(message);
    const error = answer.error === undefined ? undefined : find(said, answer.error);
    if (typeof error === 'string' && error !== '') throw new GrpcInBandFault(500, error);
    if (answer.text === null) {
      // Several messages are lines.
      heard.text = `${count++ === 0 ? '' : '\n'}${JSON.stringify(said)}`;
      return;
    }
    hear(said, config, heard);
  });
}

function hear(said: JsonObject, { answer }: MappedMethod, heard: Heard): void {
  const text = textOf(find(said, answer.text!));
  if (answer.cumulative) heard.whole = text;
  else heard.text = text;
  const reason = textOf(find(said, answer.finishReason));
  if (isReason(reason)) heard.reason = reason;
  const input = countOf(find(said, answer.inputTokens));
  if (input !== null) heard.inputTokens = input;
  const output = countOf(find(said, answer.outputTokens));
  if (output !== null) heard.outputTokens = output;
}

function find(value: JsonObject, path: string | undefined): Json | undefined {
  if (path === undefined) return undefined;
  let found: Json | undefined = value;
  for (const step of path.split('.')) {
    if (Array.isArray(found)) found = found[Number(step)];
    else if (isObject(found) && Object.hasOwn(found, step)) found = found[step];
    else return undefined;
  }
  return found;
}

function textOf(value: Json | undefined): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Of 64 bits are texts, and 0 is what nobody said. */
function countOf(value: Json | undefined): number | null {
  const count = Number(value ?? 0);
  return Number.isFinite(count) && count > 0 ? count : null;
}
