// vLLM's engine by gRPC (vllm.grpc.engine.VllmEngine/Generate): it takes text and answers tokens, so its own tokenizer is asked for once
// (GetTokenizer) and makes text of them.
import { createHash } from 'node:crypto';
import type { GrpcConfig, GrpcProtocol } from '../../contracts/grpc-provider.ts';
import { GatewayError } from '../../contracts/errors.ts';
import { isObject } from '../../dialects/read.ts';
import { ProtobufWriter } from '../../wire/protobuf.ts';
import { ProtobufReader } from '../../wire/protobuf-reader.ts';
import { type ChatAsk, maxTokensOf, numberIn, readAsk, stopsOf } from '../chat/ask.ts';
import { promptOf } from '../chat/prompt.ts';
import { type Heard, isReason, TextAnswer } from '../chat/text-answer.ts';
import { createTokenDecoder, type DecodeTokens, TokensToText } from '../tokenizer/tokens-to-text.ts';
import { unzip } from '../tokenizer/zip.ts';

const SERVICE = '/vllm.grpc.engine.VllmEngine/';
/** The largest tokenizers have some 35 MB of JSON. */
const MAX_FILE_BYTES = 128 * 1024 * 1024;
/** It can keep to a schema by itself. */
const TAKES: ReadonlySet<string> = new Set(['response_format']);

export function createVllmProtocol(config: GrpcConfig): GrpcProtocol {
  let decode: DecodeTokens | null = null;
  return {
    preparation: {
      path: `${SERVICE}GetTokenizer`,
      message: new Uint8Array(),
      take(messages) {
        decode = tokenizerIn(messages);
      },
    },
    models: {
      path: `${SERVICE}GetModelInfo`,
      message: new Uint8Array(),
      read: (message) => [servedName(message)],
    },
    ask(body, id, nowS) {
      // Nobody is asked before there is one.
      if (decode === null) throw new GatewayError('GW_GATEWAY_INTERNAL');
      const ask = readAsk(body, id, nowS, TAKES);
      const abort = new ProtobufWriter(64);
      abort.text(1, id);
      return {
        path: `${SERVICE}Generate`,
        message: requestOf(ask, promptOf(ask.messages, config.prompt)),
        answer: answerOf(ask, decode),
        abort: { path: `${SERVICE}Abort`, message: abort.take() },
      };
    },
  };
}

/** Of GetModelInfoResponse: as it is served, else where it lies. */
function servedName(message: Buffer): string {
  const reader = new ProtobufReader(message);
  let path = '';
  let name = '';
  while (reader.next()) {
    if (reader.field === 1) path = reader.text();
    else if (reader.field === 6) name = reader.text();
  }
  return name || path;
}

/** @throws Error where it cannot be used. */
function tokenizerIn(messages: readonly Buffer[]): DecodeTokens {
  const pieces: Buffer[] = [];
  let print = '';
  for (const message of messages) {
    const reader = new ProtobufReader(message);
    while (reader.next()) {
      if (reader.field === 1) pieces.push(reader.bytes());
      else if (reader.field === 2) print = reader.text();
    }
  }
  const archive = Buffer.concat(pieces);
  if (print !== '' && createHash('sha256').update(archive).digest('hex') !== print.toLowerCase())
    throw new Error('the tokenizer came damaged');
  const files = unzip(archive, ['tokenizer.json', 'tokenizer_config.json'], MAX_FILE_BYTES);
  const json = files.get('tokenizer.json');
  if (json === undefined) throw new Error('the tokenizer has no tokenizer.json');
  return createTokenDecoder(json, files.get('tokenizer_config.json'));
}

function requestOf(ask: ChatAsk, prompt: string): Buffer {
  const writer = new ProtobufWriter(prompt.length + 512);
  writer.text(1, ask.id);
  writer.text(3, prompt);
  const sampling = writer.begin(4);
  writeSampling(writer, ask);
  writer.end(sampling);
  writer.bool(5, ask.stream);
  return writer.take();
}

/** What is not said is 0 for the engine in part, so it is said. */
function writeSampling(writer: ProtobufWriter, ask: ChatAsk): void {
  const float = (field: number, fallback: number | null, ...names: string[]): void => {
    const value = numberIn(ask, ...names) ?? fallback;
    if (value !== null) writer.float(field, value);
  };
  float(1, null, 'temperature');
  float(2, 1, 'top_p');
  const topK = numberIn(ask, 'top_k');
  if (topK !== null && topK > 0) writer.uint(3, Math.trunc(topK));
  float(4, null, 'min_p');
  float(5, null, 'frequency_penalty');
  float(6, null, 'presence_penalty');
  float(7, 1, 'repetition_penalty');
  const most = maxTokensOf(ask);
  if (most !== null && most >= 0) writer.uint(8, Math.trunc(most));
  for (const text of stopsOf(ask)) writer.text(10, text);
  writer.bool(12, true);
  writer.bool(13, true);
  writer.uint(15, 1);
  const format = ask.body['response_format'];
  if (isObject(format)) {
    const { type, json_schema: schema } = format;
    if (type === 'json_schema' && isObject(schema)) writer.text(16, JSON.stringify(schema['schema'] ?? {}));
    else if (type === 'json_object') writer.bool(20, true);
  }
  const seed = numberIn(ask, 'seed');
  if (seed !== null) writer.int(24, Math.trunc(seed) | 0);
}

function answerOf(ask: ChatAsk, decode: DecodeTokens): TextAnswer {
  const text = new TokensToText(decode);
  let count = 0;
  return new TextAnswer(ask, (message, heard) => {
    const reader = new ProtobufReader(message);
    while (reader.next()) {
      if (reader.field !== 1 && reader.field !== 2) continue;
      const complete = reader.field === 2;
      const ids = readPart(reader.message(), complete, heard);
      const fresh = complete ? unsaid(ids, count, heard.outputTokens ?? 0) : ids;
      count += fresh.length;
      heard.last = complete;
      heard.text += text.push(fresh) + (complete ? text.end() : '');
    }
  });
}

/** A chunk, or the end: the same in other numbers. @returns its tokens. */
function readPart(reader: ProtobufReader, complete: boolean, heard: Heard): number[] {
  const ids: number[] = [];
  const counts = complete ? 3 : 2;
  while (reader.next()) {
    if (reader.field === 1) reader.uints(ids);
    else if (complete && reader.field === 2) {
      const reason = reader.text();
      if (isReason(reason)) heard.reason = reason;
    } else if (reader.field === counts) heard.inputTokens = reader.uint();
    else if (reader.field === counts + 1) heard.outputTokens = reader.uint();
    else if (reader.field === counts + 2) heard.cachedTokens = reader.uint();
  }
  return ids;
}

/** Of the end's tokens those that no chunk had: it has all of them, or the last alone. */
function unsaid(ids: readonly number[], said: number, total: number): readonly number[] {
  if (said === 0) return ids;
  if (said >= total) return [];
  return ids.length === total ? ids.slice(said) : ids.slice(Math.max(0, ids.length - (total - said)));
}
