// A model server's place in a configuration, as the gateway compiles it, and one exchange with it.
import type { ProviderTls } from '../../src/contracts/provider-config.ts';
import type { GrpcConfig } from '../../src/contracts/grpc-provider.ts';
import type { GatewayError } from '../../src/contracts/errors.ts';
import type { JsonObject } from '../../src/contracts/json.ts';
import type { Upstream, UpstreamCall, UpstreamHeaders } from '../../src/contracts/upstream.ts';
import { createModelServer } from '../../src/upstream/http2/model-server.ts';
import { makeProvider } from './provider-config.ts';

const clock = { now: () => performance.now(), wall: () => Date.now() };

export function grpcConfig(over: Partial<GrpcConfig> = {}): GrpcConfig {
  return {
    protocol: 'oip',
    prompt: 'plain',
    inputs: [{ name: 'text_input', type: 'BYTES', shape: [1], value: '{{prompt}}' }],
    parameters: {},
    modelVersion: '',
    answer: { text: 'text_output', cumulative: false },
    descriptors: '',
    methods: {},
    maxMessageBytes: 1_048_576,
    connections: 2,
    keepaliveMs: 300_000,
    ...over,
  };
}

/** @param tls absent = plain. */
export function modelServer(
  port: number,
  over: Partial<GrpcConfig> = {},
  unreachable: string[] = [],
  tls?: ProviderTls,
): Upstream {
  const provider = makeProvider('gpu', {
    kind: 'grpc',
    baseUrl: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    grpc: grpcConfig(over),
    ...(tls !== undefined && { tls }),
  });
  return createModelServer(provider, {
    clock,
    connectTimeoutMs: 5_000,
    closeTimeoutMs: 2_000,
    onUnreachable: ({ reason }) => unreachable.push(reason),
  });
}

/** What came of a request. */
export interface Heard {
  status: number;
  headers: UpstreamHeaders;
  body: string;
  error: GatewayError | null;
  /** Names of what was called, in order. */
  log: string[];
}

export interface Exchange {
  readonly heard: Heard;
  readonly call: UpstreamCall;
  /** It is over. */
  readonly over: Promise<Heard>;
}

export function send(
  upstream: Upstream,
  body: JsonObject,
  more: {
    headers?: Record<string, string>;
    deadlineMs?: number;
    path?: string;
    method?: string;
    onData?(): void;
  } = {},
): Exchange {
  const heard: Heard = { status: 0, headers: {}, body: '', error: null, log: [] };
  const { promise, resolve } = Promise.withResolvers<Heard>();
  const {
    headers = { 'content-type': 'application/json' },
    deadlineMs,
    path = '/chat/completions',
    method = 'POST',
    onData,
  } = more;
  const call = upstream.send(
    {
      method,
      path,
      headers,
      body: Buffer.from(JSON.stringify(body)),
      ...(deadlineMs !== undefined && { deadlineMs }),
    },
    {
      onSent: (atOnce) => heard.log.push(atOnce ? 'sent at once' : 'sent'),
      onHead(status, got) {
        heard.log.push('head');
        heard.status = status;
        heard.headers = got;
      },
      onData(chunk) {
        heard.body += chunk.toString();
        onData?.();
      },
      onEnd() {
        heard.log.push('end');
        resolve(heard);
      },
      onError(error) {
        heard.log.push('error');
        heard.error = error;
        resolve(heard);
      },
    },
  );
  return { heard, call, over: promise };
}

export const chat = (text: string, more: JsonObject = {}): JsonObject => ({
  model: 'm',
  messages: [{ role: 'user', content: text }],
  ...more,
});

/** The text of a stream of Chat Completions, and what its end says. */
export function readEvents(body: string): {
  text: string;
  finish: string | null;
  usage: unknown;
  done: boolean;
} {
  const datas = body
    .split('\n\n')
    .filter(Boolean)
    .map((event) => event.replace(/^data: /, ''));
  let text = '';
  let finish: string | null = null;
  let usage: unknown = null;
  for (const data of datas) {
    if (data === '[DONE]') continue;
    const { choices = [], usage: counted } = JSON.parse(data) as {
      choices?: { delta: { content?: string }; finish_reason: string | null }[];
      usage?: unknown;
    };
    text += choices[0]?.delta.content ?? '';
    finish = choices[0]?.finish_reason ?? finish;
    usage = counted ?? usage;
  }
  return { text, finish, usage, done: datas.at(-1) === '[DONE]' };
}
