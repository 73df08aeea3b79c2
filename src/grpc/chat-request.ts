// A `ChatRequest` (docs/proto/headgate/chat/v1/chat.proto) as the Chat Completions request that the pipeline reads.
import { fromBinary } from '@bufbuild/protobuf';
import { GatewayError } from '../contracts/errors.ts';
import type { JsonObject } from '../contracts/json.ts';
import {
  type ChatRequest,
  ChatRequestSchema,
  type Media,
  type Message,
  type Part,
  type ResponseFormat,
  Role,
  type Sampling,
  type Tool,
  type ToolChoice,
} from './chat-messages.ts';

export interface ReadRequest {
  /** JSON, to be sent as it is. */
  body: Buffer;
  /** Answers carry JSON too. */
  includeJson: boolean;
}

const ROLES: Readonly<Record<Role, string | null>> = {
  [Role.UNSPECIFIED]: null,
  [Role.SYSTEM]: 'system',
  [Role.USER]: 'user',
  [Role.ASSISTANT]: 'assistant',
  [Role.TOOL]: 'tool',
  [Role.DEVELOPER]: 'developer',
};

/**
 * @param stream whether the answer is asked for piece by piece, with its usage in the last.
 * @throws GatewayError GW_CLIENT_BAD_REQUEST where the bytes are no such message, or a field says nothing that could be sent.
 */
export function readChatRequest(bytes: Uint8Array, stream: boolean): ReadRequest {
  let request: ChatRequest;
  try {
    request = fromBinary(ChatRequestSchema, bytes);
  } catch (cause) {
    throw new GatewayError('GW_CLIENT_BAD_REQUEST', {
      message: 'The message is no headgate.chat.v1.ChatRequest.',
      cause,
    });
  }
  const { model, messages, tools, toolChoice, sampling, responseFormat } = request;
  const json: JsonObject = { ...request.extra };
  if (model !== '') json['model'] = model;
  json['messages'] = messages.map(messageOf);
  if (tools.length > 0) json['tools'] = tools.map(toolOf);
  if (toolChoice !== undefined) Object.assign(json, choiceOf(toolChoice));
  if (sampling !== undefined) Object.assign(json, samplingOf(sampling));
  if (responseFormat !== undefined) json['response_format'] = formatOf(responseFormat);
  if (request.reasoningEffort !== '') json['reasoning_effort'] = request.reasoningEffort;
  if (request.user !== '') json['user'] = request.user;
  if (Object.keys(request.metadata).length > 0) json['metadata'] = request.metadata;
  if (request.fallbacks.length > 0) json['fallbacks'] = request.fallbacks;
  // Which method was called decides, whatever else was said.
  delete json['stream'];
  if (stream) {
    json['stream'] = true;
    json['stream_options'] = { include_usage: true };
  } else delete json['stream_options'];
  return { body: Buffer.from(JSON.stringify(json)), includeJson: request.includeJson };
}

function messageOf(
  { role, text, parts, toolCalls, toolCallId, name, extra }: Message,
  at: number,
): JsonObject {
  // An enum of proto3 is open: a number that is none of ours may come.
  const said = ROLES[role] ?? null;
  if (said === null) throw bad(`messages[${at}].role`, 'A message needs a `role`.');
  const json: JsonObject = { ...extra, role: said };
  const all = text === '' ? parts : [{ kind: { case: 'text', value: text } } as Part, ...parts];
  const [first] = all;
  if (first === undefined) {
    // What only calls tools says nothing, and that is said so.
    if (json['content'] === undefined) json['content'] = toolCalls.length > 0 ? null : '';
  } else if (all.length === 1 && first.kind.case === 'text') json['content'] = first.kind.value;
  else json['content'] = all.map((part, index) => partOf(part, `messages[${at}].parts[${index}]`));
  if (toolCalls.length > 0)
    json['tool_calls'] = toolCalls.map((call) => ({
      id: call.id,
      type: 'function',
      function: { name: call.name, arguments: call.arguments },
    }));
  if (toolCallId !== '') json['tool_call_id'] = toolCallId;
  if (name !== '') json['name'] = name;
  return json;
}

function partOf({ kind }: Part, where: string): JsonObject {
  switch (kind.case) {
    case 'text':
      return { type: 'text', text: kind.value };
    case 'image': {
      const { detail } = kind.value;
      const url = addressOf(kind.value, `${where}.image`);
      return { type: 'image_url', image_url: detail === '' ? { url } : { url, detail } };
    }
    case 'audio': {
      const { source, mediaType } = kind.value;
      if (source.case !== 'data') throw bad(`${where}.audio`, 'Sound is sent as `data`.');
      return { type: 'input_audio', input_audio: { data: base64(source.value), format: formOf(mediaType) } };
    }
    case 'file':
      return { type: 'file', file: fileOf(kind.value, `${where}.file`) };
    case 'other':
      return kind.value;
    default:
      throw bad(where, 'A part says nothing that is known here.');
  }
}

function fileOf(media: Media, where: string): JsonObject {
  const { source, filename } = media;
  const named: JsonObject = filename === '' ? {} : { filename };
  if (source.case === 'fileId') return { ...named, file_id: source.value };
  return { ...named, file_data: addressOf(media, where) };
}

function addressOf({ source, mediaType }: Media, where: string): string {
  if (source.case === 'url') return source.value;
  if (source.case !== 'data') throw bad(where, 'It has neither a `url` nor `data`.');
  if (mediaType === '') throw bad(`${where}.media_type`, '`data` needs its `media_type`.');
  return `data:${mediaType};base64,${base64(source.value)}`;
}

const base64 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');

/** What Chat Completions calls a form of sound. */
function formOf(mediaType: string): string {
  const form = mediaType.replace(/^audio\/(?:x-|vnd\.)?/, '').toLowerCase();
  return form === 'mpeg' ? 'mp3' : form === 'wave' ? 'wav' : form;
}

function toolOf({ name, description, parameters, strict }: Tool): JsonObject {
  const tool: JsonObject = { name };
  if (description !== '') tool['description'] = description;
  if (parameters !== undefined) tool['parameters'] = parameters;
  if (strict !== undefined) tool['strict'] = strict;
  return { type: 'function', function: tool };
}

function choiceOf({ choice }: ToolChoice): JsonObject {
  if (choice.case === 'mode') return { tool_choice: choice.value };
  if (choice.case === 'tool') return { tool_choice: { type: 'function', function: { name: choice.value } } };
  return {};
}

function samplingOf(sampling: Sampling): JsonObject {
  const said: JsonObject = {
    temperature: sampling.temperature ?? null,
    top_p: sampling.topP ?? null,
    max_tokens: sampling.maxTokens ?? null,
    presence_penalty: sampling.presencePenalty ?? null,
    frequency_penalty: sampling.frequencyPenalty ?? null,
    seed: sampling.seed === undefined ? null : Number(sampling.seed),
    n: sampling.n ?? null,
    stop: sampling.stop.length === 0 ? null : sampling.stop,
  };
  return Object.fromEntries(Object.entries(said).filter(([, value]) => value !== null));
}

function formatOf({ type, name, schema, strict }: ResponseFormat): JsonObject {
  if (type !== 'json_schema') return { type };
  const form: JsonObject = { name: name === '' ? 'answer' : name };
  if (schema !== undefined) form['schema'] = schema;
  if (strict !== undefined) form['strict'] = strict;
  return { type, json_schema: form };
}

function bad(param: string, message: string): GatewayError {
  return new GatewayError('GW_CLIENT_BAD_REQUEST', { message, param });
}
