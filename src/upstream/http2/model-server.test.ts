// Model servers of each protocol, made of @grpc/grpc-js and their own messages, as a provider's connections.
import { createHash } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import { status as Code, Metadata, type ServerWritableStream } from '@grpc/grpc-js';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { chat, modelServer, readEvents, send } from '../../../tests/kit/grpc-provider.ts';
import { type GrpcHandlers, type RunningGrpc, startGrpcServer } from '../../../tests/kit/grpc-server.ts';
import { readMessage, textTensor, writeMessage } from '../../../tests/kit/model-protos.ts';
import type { GrpcConfig } from '../../contracts/grpc-provider.ts';
import type { Upstream } from '../../contracts/upstream.ts';
import { descriptorsOf } from '../../grpc/proto-text.ts';
import { CERT, KEY } from '../tls-pair.fixture.ts';

const running: RunningGrpc[] = [];
const upstreams: Upstream[] = [];

afterEach(async () => {
  await Promise.all(upstreams.splice(0).map((upstream) => upstream.close()));
  for (const server of running.splice(0)) server.kill();
});

async function start(service: string, handlers: GrpcHandlers, over: Partial<GrpcConfig>): Promise<Upstream> {
  const server = await startGrpcServer(service, handlers);
  running.push(server);
  const upstream = modelServer(server.port, over);
  upstreams.push(upstream);
  return upstream;
}

const OIP = 'inference.GRPCInferenceService';

describe('the Open Inference Protocol', () => {
  const infer = (
    answer: (request: ReturnType<typeof readMessage>) => object,
    over: Partial<GrpcConfig> = {},
  ) =>
    start(
      OIP,
      {
        unary: {
          ModelInfer: (call, done) => {
            const request = readMessage('inference.ModelInferRequest', call.request);
            done(null, writeMessage('inference.ModelInferResponse', answer(request)));
          },
        },
      },
      over,
    );

  it('asks with a tensor of BYTES and answers with one, whole', async () => {
    let asked: ReturnType<typeof readMessage> = {};
    const upstream = await infer((request) => {
      asked = request;
      return { outputs: [textTensor('text_output', 'four')] };
    });
    const heard = await send(upstream, chat('two and two?')).over;
    expect(heard.log).toEqual(['sent', 'head', 'end']);
    expect(heard.status).toBe(200);
    expect(asked).toMatchObject({ model_name: 'm', outputs: [{ name: 'text_output' }] });
    expect(asked['inputs']).toHaveLength(1);
    expect(asked['inputs'][0]).toMatchObject({ name: 'text_input', datatype: 'BYTES', shape: [1] });
    expect(String(asked['inputs'][0].contents.bytes_contents[0])).toBe('two and two?');
    expect(JSON.parse(heard.body)).toMatchObject({
      object: 'chat.completion',
      model: 'm',
      choices: [{ message: { role: 'assistant', content: 'four' }, finish_reason: 'stop' }],
    });
    expect(heard.body).not.toContain('usage');
  });

  it('is a stream for who wants one, and the second call goes out at once', async () => {
    const upstream = await infer(() => ({ outputs: [textTensor('text_output', 'four')] }));
    await send(upstream, chat('x')).over;
    const heard = await send(upstream, chat('x', { stream: true })).over;
    expect(heard.log).toEqual(['sent at once', 'head', 'end']);
    expect(heard.headers['content-type']).toBe('text/event-stream');
    expect(readEvents(heard.body)).toEqual({ text: 'four', finish: 'stop', usage: null, done: true });
  });

  it('writes tensors and parameters of a mapping, leaves out what the request has not, and reads counts', async () => {
    let asked: ReturnType<typeof readMessage> = {};
    const upstream = await infer(
      (request) => {
        asked = request;
        return {
          // Raw contents, as Triton answers.
          outputs: [
            { name: 'text_output', datatype: 'BYTES', shape: [1] },
            { name: 'why', datatype: 'BYTES', shape: [1] },
            { name: 'in', datatype: 'UINT32', shape: [1] },
            { name: 'out', datatype: 'INT64', shape: [1] },
          ],
          raw_output_contents: [
            packed('größer'),
            packed('length'),
            Buffer.from([7, 0, 0, 0]),
            Buffer.from([3, 0, 0, 0, 0, 0, 0, 0]),
          ],
        };
      },
      {
        prompt: 'last',
        inputs: [
          { name: 'text_input', type: 'BYTES', shape: [1, 1], value: '{{prompt}}' },
          { name: 'max_tokens', type: 'INT32', shape: [1, 1], value: '{{max_tokens}}' },
          { name: 'temperature', type: 'FP32', shape: [1, 1], value: '{{temperature}}' },
          { name: 'top_p', type: 'FP64', shape: [1], value: '{{top_p}}' },
          { name: 'stream', type: 'BOOL', shape: [1], value: '{{stream}}' },
          { name: 'seed', type: 'INT64', shape: [1], value: -1 },
          { name: 'sampling', type: 'BYTES', shape: [1], value: '{{sampling | json}}' },
          { name: 'stop_words', type: 'BYTES', shape: [2], value: '{{stop}}' },
        ],
        parameters: { priority: 3, tenant: '{{user}}', hot: true, share: 0.5, top: '{{top_k}}' },
        modelVersion: '2',
        answer: {
          text: 'text_output',
          finishReason: 'why',
          inputTokens: 'in',
          outputTokens: 'out',
          cumulative: false,
        },
      },
    );
    const heard = await send(upstream, {
      model: 'm',
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: [{ type: 'text', text: 'Hi' }] },
        { role: 'assistant', content: 'Hello' },
        { role: 'user', content: 'Again' },
      ],
      max_tokens: 3,
      top_p: 0.25,
      stop: ['a', 'b'],
      user: 'u1',
    }).over;
    const inputs = Object.fromEntries(
      asked['inputs'].map((one: { name: string; contents: object }) => [one.name, one.contents]),
    );
    expect(Object.keys(inputs)).toEqual([
      'text_input',
      'max_tokens',
      'top_p',
      'stream',
      'seed',
      'sampling',
      'stop_words',
    ]);
    expect(inputs).toMatchObject({
      max_tokens: { int_contents: [3] },
      top_p: { fp64_contents: [0.25] },
      stream: { bool_contents: [false] },
      seed: { int64_contents: [-1] },
    });
    expect(String(inputs.text_input.bytes_contents[0])).toBe('Again');
    expect(JSON.parse(String(inputs.sampling.bytes_contents[0]))).toEqual({
      max_tokens: 3,
      top_p: 0.25,
      stop: ['a', 'b'],
    });
    expect(inputs.stop_words.bytes_contents.map(String)).toEqual(['a', 'b']);
    expect(asked['model_version']).toBe('2');
    expect(asked['parameters']).toEqual({
      priority: { int64_param: 3 },
      tenant: { string_param: 'u1' },
      hot: { bool_param: true },
      share: { double_param: 0.5 },
    });
    expect(JSON.parse(heard.body)).toMatchObject({
      choices: [{ message: { content: 'größer' }, finish_reason: 'length' }],
      usage: { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 },
    });
  });

  it('refuses what a prompt cannot say, by the name of the field, and asks nobody', async () => {
    const asked = vi.fn(() => ({ outputs: [textTensor('text_output', 'x')] }));
    const upstream = await infer(asked);
    const parts = [{ type: 'image_url', image_url: { url: 'data:,' } }];
    const cases: [object, string][] = [
      [{ tools: [{ type: 'function', function: { name: 'f' } }] }, 'tools'],
      [{ n: 2 }, 'n'],
      [{ response_format: { type: 'json_schema', json_schema: {} } }, 'response_format'],
      [{ messages: [{ role: 'user', content: parts }] }, 'messages[0].content[0]'],
      [{ messages: [{ role: 'tool', content: 'x', tool_call_id: '1' }] }, 'messages[0].role'],
      [{ messages: [{ role: 'assistant', content: null, tool_calls: [{}] }] }, 'messages[0].tool_calls'],
    ];
    for (const [more, param] of cases) {
      const { error, log } = await send(upstream, { ...chat('x'), ...more }).over;
      expect(error).toMatchObject({ code: 'GW_CLIENT_UNSUPPORTED', param, retry: 'next' });
      expect(log).toEqual(['error']);
    }
    expect(asked).not.toHaveBeenCalled();
  });

  it('says what an answer without its tensor is: none', async () => {
    const upstream = await infer(() => ({ outputs: [textTensor('other', 'x')] }));
    const { error } = await send(upstream, chat('x')).over;
    expect(error).toMatchObject({ code: 'GW_UPSTREAM_BAD_OUTPUT' });
  });
});

/** As a raw tensor of BYTES has it. */
function packed(...texts: string[]): Buffer {
  return Buffer.concat(
    texts.flatMap((text) => {
      const length = Buffer.alloc(4);
      length.writeUInt32LE(Buffer.byteLength(text));
      return [length, Buffer.from(text)];
    }),
  );
}

describe('Triton’s stream', () => {
  const pieces = (...messages: object[]) =>
    start(
      OIP,
      {
        bidi: {
          ModelStreamInfer(call) {
            call.on('data', (bytes: Buffer) => {
              asked = readMessage('inference.ModelInferRequest', bytes);
              for (const message of messages)
                call.write(writeMessage('inference.ModelStreamInferResponse', message));
            });
            call.on('end', () => call.end());
          },
        },
      },
      { protocol: 'triton', answer: { text: 'text_output', outputTokens: 'n', cumulative: false } },
    );
  let asked: ReturnType<typeof readMessage> = {};
  const piece = (text: string, n: number) => ({
    infer_response: {
      outputs: [
        textTensor('text_output', text),
        { name: 'n', datatype: 'UINT32', shape: [1], contents: { uint_contents: [n] } },
      ],
    },
  });
  const final = { infer_response: { parameters: { triton_final_response: { bool_param: true } } } };

  it('gives pieces as they come, adds their counts up, and ends with the empty last one', async () => {
    const upstream = await pieces(piece('Hel', 1), piece('lo', 2), final);
    const asksForUsage = { stream: true, stream_options: { include_usage: true } };
    const heard = await send(upstream, chat('x', asksForUsage)).over;
    expect(asked['parameters']).toEqual({ triton_enable_empty_final_response: { bool_param: true } });
    expect(readEvents(heard.body)).toMatchObject({
      text: 'Hello',
      finish: 'stop',
      usage: { completion_tokens: 3 },
      done: true,
    });
    const whole = await send(upstream, chat('x')).over;
    expect(JSON.parse(whole.body).choices[0].message.content).toBe('Hello');
  });

  it('is over with its last message, also where the server does not end the call', async () => {
    let cancelled = 0;
    const upstream = await start(
      OIP,
      {
        bidi: {
          ModelStreamInfer(call) {
            call.on('cancelled', () => cancelled++);
            call.on('data', () => {
              for (const message of [piece('done', 1), final, piece('more', 1)])
                call.write(writeMessage('inference.ModelStreamInferResponse', message));
            });
          },
        },
      },
      { protocol: 'triton' },
    );
    const streamed = await send(upstream, chat('x', { stream: true })).over;
    expect(readEvents(streamed.body)).toMatchObject({ text: 'done', done: true });
    const whole = await send(upstream, chat('x')).over;
    expect(JSON.parse(whole.body).choices[0].message.content).toBe('done');
    await vi.waitFor(() => expect(cancelled).toBe(2), 20_000);
    expect(upstream.stats().running).toBe(0);
  });

  it('tells an error in words as a status, and behind a piece as an event', async () => {
    const early = await pieces({ error_message: 'Request for unknown model: m is not found' });
    const refused = await send(early, chat('x', { stream: true })).over;
    expect(refused.status).toBe(404);
    expect(JSON.parse(refused.body).error.message).toContain('unknown model');
    const late = await pieces(piece('Hel', 1), { error_message: 'CUDA out of memory' });
    const cut = await send(late, chat('x', { stream: true })).over;
    expect(cut.status).toBe(200);
    expect(cut.body).toContain('"error":{"message":"CUDA out of memory"');
    expect(cut.body).not.toContain('[DONE]');
  });
});

describe('SGLang', () => {
  it('hands a chat on as it is, and its chunks too', async () => {
    let body: Record<string, unknown> = {};
    const upstream = await start(
      'sglang.runtime.v1.SglangService',
      {
        stream: {
          ChatComplete(call) {
            body = JSON.parse(
              String(readMessage('sglang.runtime.v1.OpenAIRequest', call.request)['json_body']),
            ) as typeof body;
            const say = (text: string, finished = false) =>
              call.write(
                writeMessage('sglang.runtime.v1.OpenAIStreamChunk', {
                  json_chunk: Buffer.from(text),
                  finished,
                }),
              );
            if (body['stream'] === true) {
              say('{"choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":null}]}');
              say('data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n');
              say('[DONE]', true);
            } else if (body['model'] === 'none')
              say('{"error":{"message":"no such model","code":404}}', true);
            else say('{"choices":[{"index":0,"message":{"content":"Hi"},"finish_reason":"stop"}]}', true);
            call.end();
          },
        },
      },
      { protocol: 'sglang' },
    );
    const tools = [{ type: 'function', function: { name: 'f' } }];
    const streamed = await send(upstream, chat('x', { stream: true, tools })).over;
    expect(body).toMatchObject({ messages: [{ content: 'x' }], tools, rid: expect.stringMatching(/^hg-/) });
    expect(readEvents(streamed.body)).toMatchObject({ text: 'Hi', finish: 'stop', done: true });
    const whole = await send(upstream, chat('x')).over;
    expect(JSON.parse(whole.body).choices[0].message.content).toBe('Hi');
    const none = await send(upstream, { ...chat('x'), model: 'none' }).over;
    expect([none.status, none.body]).toEqual([404, expect.stringContaining('no such model')]);
  });
});

describe('vLLM', () => {
  const VOCABULARY = ['<s>', 'Hel', 'lo', 'Ġthe', 're', 'ðŁ', 'ĺ', 'Ģ', '</s>'];

  it('asks with text, gets the engine’s tokenizer once, and makes text of tokens', async () => {
    const asked: ReturnType<typeof readMessage>[] = [];
    let tokenizers = 0;
    const say = (call: ServerWritableStream<Buffer, Buffer>, message: object) =>
      call.write(writeMessage('vllm.grpc.engine.GenerateResponse', message));
    const upstream = await start(
      'vllm.grpc.engine.VllmEngine',
      {
        stream: {
          GetTokenizer(call) {
            tokenizers++;
            const archive = zipped({ 'model/tokenizer.json': tokenizerJson(VOCABULARY), 'model/other': 'x' });
            const sha256 = createHash('sha256').update(archive).digest('hex');
            const half = archive.length >> 1;
            call.write(
              writeMessage('vllm.grpc.engine.GetTokenizerChunk', { data: archive.subarray(0, half) }),
            );
            call.write(
              writeMessage('vllm.grpc.engine.GetTokenizerChunk', { data: archive.subarray(half), sha256 }),
            );
            call.end();
          },
          Generate(call) {
            const request = readMessage('vllm.grpc.engine.GenerateRequest', call.request);
            asked.push(request);
            const counts = { prompt_tokens: 5, cached_tokens: 4 };
            if (request['stream'] === true)
              for (const [index, token_ids] of [[1], [2, 3], [4], [5], [6], [7]].entries())
                say(call, { chunk: { token_ids, completion_tokens: index + 1, ...counts } });
            const all = { output_ids: [1, 2, 3, 4, 5, 6, 7, 8], completion_tokens: 8, ...counts };
            say(call, { complete: { ...all, finish_reason: 'stop' } });
            call.end();
          },
        },
      },
      { protocol: 'vllm', prompt: 'plain' },
    );
    const usage = { stream: true, stream_options: { include_usage: true } };
    const both = await Promise.all([send(upstream, chat('Hi', usage)).over, send(upstream, chat('Hi')).over]);
    const expected = { prompt_tokens: 5, completion_tokens: 8, prompt_tokens_details: { cached_tokens: 4 } };
    expect(both[0].error).toBeNull();
    const { text, usage: counted, finish } = readEvents(both[0].body);
    expect([text, finish]).toEqual(['Hello there😀', 'stop']);
    expect(counted).toMatchObject(expected);
    const whole = JSON.parse(both[1].body);
    expect(whole.choices[0].message.content).toBe('Hello there😀');
    expect(whole.usage).toMatchObject(expected);
    expect(tokenizers).toBe(1);
    const format = { type: 'json_schema', json_schema: { name: 'x', schema: { type: 'object' } } };
    await send(
      upstream,
      chat('Hi', { temperature: 0, max_tokens: 9, stop: 'x', seed: -3, response_format: format }),
    ).over;
    expect(asked.at(-1)).toMatchObject({
      text: 'Hi',
      request_id: expect.stringMatching(/^hg-/),
      sampling_params: {
        temperature: 0,
        top_p: 1,
        repetition_penalty: 1,
        max_tokens: 9,
        stop: ['x'],
        skip_special_tokens: true,
        n: 1,
        seed: -3,
        json_schema: '{"type":"object"}',
      },
    });
    expect(tokenizers).toBe(1);
  });

  it('is told to abort what nobody waits for, and a tokenizer that does not come is an error that the next call mends', async () => {
    const aborted: unknown[] = [];
    let fails = true;
    let cancelled = 0;
    const upstream = await start(
      'vllm.grpc.engine.VllmEngine',
      {
        unary: {
          Abort(call, done) {
            aborted.push(...readMessage('vllm.grpc.engine.AbortRequest', call.request)['request_ids']);
            done(null, Buffer.alloc(0));
          },
        },
        stream: {
          GetTokenizer(call) {
            const data = fails
              ? Buffer.from('none')
              : zipped({ 'tokenizer.json': tokenizerJson(VOCABULARY) });
            call.write(writeMessage('vllm.grpc.engine.GetTokenizerChunk', { data }));
            call.end();
          },
          Generate(call) {
            call.on('cancelled', () => cancelled++);
            call.write(writeMessage('vllm.grpc.engine.GenerateResponse', { chunk: { token_ids: [1] } }));
          },
        },
      },
      { protocol: 'vllm' },
    );
    const broken = await send(upstream, chat('x')).over;
    expect(broken.error).toMatchObject({ code: 'GW_UPSTREAM_BAD_OUTPUT' });
    fails = false;
    const { heard, call } = send(upstream, chat('x', { stream: true }));
    await vi.waitFor(() => expect(heard.body).toContain('Hel'), 10_000);
    call.abort();
    await vi.waitFor(() => expect([aborted.length, cancelled]).toEqual([1, 1]), 10_000);
    expect(aborted[0]).toMatch(/^hg-/);
    expect(heard.log).not.toContain('end');
    await vi.waitFor(() => expect(upstream.stats().running).toBe(0));
  });
});

/** Byte-level BPE, as most models have it; letters of several bytes are several tokens. */
function tokenizerJson(vocabulary: readonly string[]): string {
  return JSON.stringify({
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: [0, 8].map((id) => ({
      id,
      content: vocabulary[id],
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: null,
    pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
    post_processor: null,
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      vocab: Object.fromEntries(vocabulary.map((token, id) => [token, id])),
      merges: [],
    },
  });
}

/** A ZIP archive: the first file deflated, the others stored. */
function zipped(files: Readonly<Record<string, string>>): Buffer {
  const parts: Buffer[] = [];
  const list: Buffer[] = [];
  let at = 0;
  for (const [name, text] of Object.entries(files)) {
    const plain = Buffer.from(text);
    const method = at === 0 ? 8 : 0;
    const data = method === 8 ? deflateRawSync(plain) : plain;
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(method, 8);
    local.writeUInt16LE(Buffer.byteLength(name), 26);
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt16LE(method, 10);
    entry.writeUInt32LE(data.length, 20);
    entry.writeUInt32LE(plain.length, 24);
    entry.writeUInt16LE(Buffer.byteLength(name), 28);
    entry.writeUInt32LE(at, 42);
    parts.push(local, Buffer.from(name), data);
    list.push(entry, Buffer.from(name));
    at += local.length + Buffer.byteLength(name) + data.length;
  }
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(Object.keys(files).length, 10);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...parts, ...list, end]);
}

describe('a .proto of one’s own', () => {
  const proto = `syntax = "proto3"; package ml;
    service Llm { rpc Say(Ask) returns (Said); rpc Talk(Ask) returns (stream Said); }
    message Ask { string text = 1; optional int32 limit = 2; repeated string stops = 3; map<string, string> tags = 4; }
    message Said { message Choice { string text = 1; Why why = 2; } repeated Choice choices = 1; int64 used = 2; string fault = 3; }
    enum Why { WHY_UNSPECIFIED = 0; WHY_STOP = 1; WHY_MAX_TOKENS = 2; }`;
  const answer = {
    text: 'choices.0.text',
    finishReason: 'choices.0.why',
    outputTokens: 'used',
    error: 'fault',
    cumulative: false,
  };
  const request = {
    text: '{{prompt}}',
    limit: '{{max_tokens}}',
    stops: '{{stop}}',
    tags: { by: '{{user}}' },
  };
  const methods: GrpcConfig['methods'] = {
    quick: { method: 'ml.Llm/Say', request, answer },
    '*': { method: 'ml.Llm/Talk', request, answer: { ...answer, cumulative: true } },
  };
  // Said { choices: [{ text, why }], used }
  const said = (text: string, why: number, used: number) =>
    Buffer.from([0x0a, text.length + 4, 0x0a, text.length, ...Buffer.from(text), 0x10, why, 0x10, used]);
  const got: Buffer[] = [];
  const begin = () =>
    start(
      'ml.Llm',
      {
        unary: {
          Say(call, done) {
            got.push(call.request);
            done(null, said('hi', 2, 9));
          },
        },
        stream: {
          Talk(call) {
            got.push(call.request);
            for (const [text, why] of [
              ['a', 0],
              ['ab', 0],
              ['abc', 1],
            ] as const)
              call.write(said(text, why, text.length));
            call.end();
          },
        },
      },
      { protocol: 'proto', descriptors: descriptorsOf({ 'llm.proto': proto }), methods },
    );

  it('is asked by the mapping of its model, unary and as a stream of all there is so far', async () => {
    const upstream = await begin();
    const whole = await send(upstream, { ...chat('yo', { max_tokens: 5 }), model: 'quick' }).over;
    // text "yo", limit 5; no stops, and tags are there with nothing in them.
    expect(got.at(-1)).toEqual(Buffer.from([0x0a, 2, 0x79, 0x6f, 0x10, 5]));
    expect(JSON.parse(whole.body)).toMatchObject({
      choices: [{ message: { content: 'hi' }, finish_reason: 'length' }],
      usage: { completion_tokens: 9 },
    });
    const streamed = await send(upstream, chat('yo', { stream: true, stop: ['q'] })).over;
    expect(readEvents(streamed.body)).toMatchObject({ text: 'abc', finish: 'stop' });
  });

  it('is called as it is by the name of a method: JSON in, JSON out, a line for each message', async () => {
    const upstream = await begin();
    const ask = (model: string, text: string) => send(upstream, { ...chat(text), model }).over;
    const one = await ask('ml.Llm/Say', '{"text":"yo","tags":{}}');
    expect(JSON.parse(JSON.parse(one.body).choices[0].message.content)).toEqual({
      choices: [{ text: 'hi', why: 'WHY_MAX_TOKENS' }],
      used: '9',
      fault: '',
    });
    const lines = JSON.parse((await ask('ml.Llm/Talk', '{}')).body).choices[0].message.content.split('\n');
    expect(lines.map((line: string) => JSON.parse(line).choices[0].text)).toEqual(['a', 'ab', 'abc']);
    expect((await ask('ml.Llm/Say', 'yo')).error).toMatchObject({ code: 'GW_CLIENT_BAD_REQUEST' });
    const unknown = await ask('ml.Llm/Say', '{"txet":"yo"}');
    expect(unknown.error).toMatchObject({ code: 'GW_CLIENT_BAD_REQUEST' });
    expect(unknown.error!.publicMessage).toContain('"txet" is unknown');
  });
});

describe('lists of models', () => {
  const list = async (upstream: Upstream) => {
    const heard = await send(upstream, {}, { path: '/models', method: 'GET' }).over;
    return heard.status === 200
      ? JSON.parse(heard.body).data.map((one: { id: string }) => one.id)
      : heard.status;
  };
  const names = (...all: string[]) =>
    Buffer.concat(
      all.map((name) => Buffer.from([0x0a, name.length + 2, 0x0a, name.length, ...Buffer.from(name)])),
    );

  it('are the server’s own, where its protocol has one', async () => {
    let asked: Buffer | null = null;
    const triton = await start(
      OIP,
      {
        unary: {
          RepositoryIndex(call, done) {
            asked = call.request;
            done(null, names('llama', 'llama', 'bert'));
          },
        },
      },
      { protocol: 'triton' },
    );
    expect(await list(triton)).toEqual(['llama', 'bert']);
    expect(asked).toEqual(Buffer.from([0x10, 1]));
    const ListModels = {
      ListModels: (_: unknown, done: (error: null, bytes: Buffer) => void) => done(null, names('q')),
    };
    const sglang = await start(
      'sglang.runtime.v1.SglangService',
      { unary: ListModels },
      { protocol: 'sglang' },
    );
    expect(await list(sglang)).toEqual(['q']);
    // GetModelInfoResponse { model_path: "/m", served_model_name: "own" }
    const info = Buffer.from([0x0a, 2, ...Buffer.from('/m'), 0x32, 3, ...Buffer.from('own')]);
    const vllm = await start(
      'vllm.grpc.engine.VllmEngine',
      { unary: { GetModelInfo: (_, done) => done(null, info) } },
      { protocol: 'vllm' },
    );
    expect(await list(vllm)).toEqual(['own']);
  });

  it('are refused where it has none, or the server does', async () => {
    const other: GrpcHandlers = { unary: { ModelReady: (_, done) => done(null, Buffer.alloc(0)) } };
    const oip = await start(OIP, other, { protocol: 'oip' });
    const { error } = await send(oip, {}, { path: '/models', method: 'GET' }).over;
    expect(error).toMatchObject({ code: 'GW_UPSTREAM_REJECTED', status: 404 });
    const triton = await start(OIP, other, { protocol: 'triton' });
    expect(await list(triton)).toBe(501);
  });
});

describe('TLS', () => {
  it('trusts whom the provider’s own authorities vouch for, and nobody else', async () => {
    const server = await startGrpcServer(
      OIP,
      {
        unary: {
          ModelInfer: (_, done) =>
            done(
              null,
              writeMessage('inference.ModelInferResponse', { outputs: [textTensor('text_output', 'safe')] }),
            ),
        },
      },
      { tls: { key: KEY, cert: CERT } },
    );
    running.push(server);
    const trusting = modelServer(server.port, {}, [], { ca: CERT, serverName: 'localhost' });
    const doubting = modelServer(server.port, {}, [], {});
    upstreams.push(trusting, doubting);
    expect((await send(trusting, chat('x')).over).body).toContain('safe');
    expect((await send(doubting, chat('x')).over).error).toMatchObject({ code: 'GW_UPSTREAM_CONNECT' });
  });
});

describe('statuses and metadata', () => {
  it('are those of HTTP, with the time a server wants to be left alone', async () => {
    let code: number = Code.OK;
    const trailers = new Metadata();
    const upstream = await start(
      OIP,
      { unary: { ModelInfer: (_, done) => done({ code, details: 'because', metadata: trailers }, null) } },
      {},
    );
    const expected: [number, number, string][] = [
      [Code.INVALID_ARGUMENT, 400, 'invalid_argument'],
      [Code.UNAUTHENTICATED, 401, 'unauthenticated'],
      [Code.PERMISSION_DENIED, 403, 'permission_denied'],
      [Code.NOT_FOUND, 404, 'model_not_found'],
      [Code.RESOURCE_EXHAUSTED, 429, 'resource_exhausted'],
      [Code.INTERNAL, 500, 'internal'],
      [Code.UNIMPLEMENTED, 501, 'unimplemented'],
      [Code.UNAVAILABLE, 503, 'unavailable'],
      [Code.DEADLINE_EXCEEDED, 504, 'deadline_exceeded'],
    ];
    for (const [grpc, status, name] of expected) {
      code = grpc;
      const heard = await send(upstream, chat('x', { stream: grpc % 2 === 0 })).over;
      expect([heard.status, JSON.parse(heard.body).error]).toMatchObject([
        status,
        { message: 'because', code: name },
      ]);
    }
    code = Code.UNAVAILABLE;
    trailers.set('grpc-retry-pushback-ms', '1500');
    expect((await send(upstream, chat('x')).over).headers['retry-after-ms']).toBe('1500');
    trailers.remove('grpc-retry-pushback-ms');
    // google.rpc.Status { details: [RetryInfo { retry_delay: 2.5 s }] }
    const info = Buffer.from([0x0a, 7, 0x08, 2, 0x10, 0x80, 0xca, 0xb5, 0xee, 0x01]);
    const delay = Buffer.from([0x0a, info.length - 2, ...info.subarray(2)]);
    const type = Buffer.from('type.googleapis.com/google.rpc.RetryInfo');
    const any = Buffer.from([0x0a, type.length, ...type, 0x12, delay.length, ...delay]);
    trailers.set('grpc-status-details-bin', Buffer.from([0x1a, any.length, ...any]));
    expect((await send(upstream, chat('x')).over).headers['retry-after-ms']).toBe('2500');
  });

  it('carry credentials and further headers, and the time that is left', async () => {
    let metadata = new Metadata();
    let left = 0;
    const upstream = await start(
      OIP,
      {
        unary: {
          ModelInfer(call, done) {
            metadata = call.metadata;
            left = Number(call.getDeadline()) - Date.now();
            done(
              null,
              writeMessage('inference.ModelInferResponse', { outputs: [textTensor('text_output', 'x')] }),
            );
          },
        },
      },
      {},
    );
    const headers = {
      'content-type': 'application/json',
      accept: 'x',
      authorization: 'Bearer k',
      'x-tenant': 't',
    };
    const heard = await send(upstream, chat('x'), { headers, deadlineMs: 40_000 }).over;
    expect(heard.status).toBe(200);
    expect(metadata.get('authorization')).toEqual(['Bearer k']);
    expect(metadata.get('x-tenant')).toEqual(['t']);
    expect(metadata.get('accept')).toEqual([]);
    expect(left).toBeGreaterThan(10_000);
    expect(left).toBeLessThan(41_000);
  });
});
