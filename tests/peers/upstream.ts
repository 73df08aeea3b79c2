// The upstream that the SDKs' own tests meet behind the gateway: one good answer for each endpoint, whatever is asked,
// with every member that the SDKs' types require. Their tests send every parameter there is, in made-up values, and
// check the answer's types strictly: what a gateway drops or adds shows.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { objectAt } from './objects.ts';

export interface PeerUpstream {
  readonly port: number;
  close(): Promise<void>;
}

const COMPLETION = {
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1_760_000_000,
  model: 'made-up',
  choices: [
    {
      index: 0,
      message: { role: 'assistant', content: 'Hello', refusal: null },
      finish_reason: 'stop',
      logprobs: null,
    },
  ],
  usage: { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4 },
};

const CHUNKS = [
  { delta: { role: 'assistant', content: 'Hello' }, finish_reason: null },
  { delta: {}, finish_reason: 'stop' },
].map((choice) => ({
  id: 'chatcmpl-1',
  object: 'chat.completion.chunk',
  created: 1_760_000_000,
  model: 'made-up',
  choices: [{ index: 0, logprobs: null, ...choice }],
}));

const MESSAGE = {
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'made-up',
  content: [{ type: 'text', text: 'Hello', citations: null }],
  stop_reason: 'end_turn',
  stop_sequence: null,
  stop_details: null,
  container: null,
  context_management: null,
  usage: { input_tokens: 3, output_tokens: 1 },
};

const EVENTS = [
  { type: 'message_start', message: { ...MESSAGE, content: [], stop_reason: null } },
  { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '', citations: null } },
  { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Hello' } },
  { type: 'content_block_stop', index: 0 },
  {
    type: 'message_delta',
    delta: { stop_reason: 'end_turn', stop_sequence: null },
    usage: { input_tokens: 3, output_tokens: 1 },
  },
  { type: 'message_stop' },
];

const RESPONSE = {
  id: 'resp_1',
  object: 'response',
  created_at: 1_760_000_000,
  status: 'completed',
  access_programs: null,
  error: null,
  incomplete_details: null,
  instructions: null,
  metadata: {},
  model: 'made-up',
  output: [
    {
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      status: 'completed',
      content: [{ type: 'output_text', text: 'Hello', annotations: [] }],
    },
  ],
  parallel_tool_calls: true,
  temperature: 1,
  tool_choice: 'auto',
  tools: [],
  top_p: 1,
  usage: {
    input_tokens: 3,
    input_tokens_details: { cached_tokens: 0, cache_write_tokens: 0 },
    output_tokens: 1,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: 4,
  },
};

const PICTURED = {
  type: 'image_generation.completed',
  b64_json: 'AA==',
  background: 'opaque',
  created_at: 1_760_000_000,
  output_format: 'png',
  quality: 'low',
  size: '1024x1024',
  usage: {
    input_tokens: 1,
    input_tokens_details: { image_tokens: 0, text_tokens: 1 },
    output_tokens: 1,
    total_tokens: 2,
  },
};

const COMPACTED = {
  id: 'resp_2',
  object: 'response.compaction',
  created_at: 1_760_000_000,
  output: [{ id: 'cmp_1', type: 'compaction', encrypted_content: 'x' }],
  usage: RESPONSE.usage,
};

const RESPONSE_EVENTS = [
  { type: 'response.created', response: { ...RESPONSE, status: 'in_progress', output: [] } },
  { type: 'response.output_item.added', output_index: 0, item: { ...RESPONSE.output[0], content: [] } },
  {
    type: 'response.output_text.delta',
    item_id: 'msg_1',
    output_index: 0,
    content_index: 0,
    delta: 'Hello',
    logprobs: [],
  },
  { type: 'response.output_item.done', output_index: 0, item: RESPONSE.output[0] },
  { type: 'response.completed', response: RESPONSE },
];

function responseEvents(): string[] {
  return RESPONSE_EVENTS.map(({ type, ...rest }, at) => {
    const data = JSON.stringify({ type, sequence_number: at, ...rest });
    return `event: ${type}\ndata: ${data}`;
  });
}

const TEXT_COMPLETION = {
  id: 'cmpl-1',
  object: 'text_completion',
  created: 1_760_000_000,
  model: 'made-up',
  choices: [{ index: 0, text: 'Hello', finish_reason: 'stop', logprobs: null }],
  usage: { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4 },
};

/** Starts it on a free port of loopback. */
export async function startPeerUpstream(): Promise<PeerUpstream> {
  const server = createServer((request, response) => void answer(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  const [path] = (request.url ?? '').split('?');
  if (path === '/v1/images/generations' && Buffer.concat(pieces).includes('"stream":true')) {
    sse(response, [`event: ${PICTURED.type}\ndata: ${JSON.stringify(PICTURED)}`]);
    return;
  }
  const object = objectAt(
    request.method ?? '',
    path ?? '',
    request.headers['anthropic-version'] !== undefined,
  );
  if (object !== null) {
    json(response, 200, object);
    return;
  }
  const { stream } = JSON.parse(Buffer.concat(pieces).toString() || '{}') as { stream?: boolean };
  if (
    path?.startsWith('/v1/chat/completions') === true &&
    (request.method !== 'POST' || path.endsWith('_id'))
  ) {
    json(response, 200, storedChat(request.method ?? '', path));
  } else if (path?.startsWith('/v1/models/') === true) {
    json(response, 200, { id: 'm', object: 'model', deleted: true });
  } else if (path === '/v1/responses/compact') {
    json(response, 200, COMPACTED);
  } else if (path === '/v1/chat/completions') {
    if (stream === true) {
      sse(response, [...CHUNKS.map((chunk) => `data: ${JSON.stringify(chunk)}`), 'data: [DONE]']);
    } else json(response, 200, COMPLETION);
  } else if (path === '/v1/responses') {
    if (stream === true) sse(response, responseEvents());
    else json(response, 200, RESPONSE);
  } else if (path === '/v1/completions') {
    if (stream === true) sse(response, [`data: ${JSON.stringify(TEXT_COMPLETION)}`, 'data: [DONE]']);
    else json(response, 200, TEXT_COMPLETION);
  } else if (path?.endsWith('/input_items') === true) {
    const item = {
      id: 'msg_1',
      type: 'message',
      role: 'user',
      status: 'completed',
      content: [{ type: 'input_text', text: 'Hi' }],
    };
    json(response, 200, {
      object: 'list',
      data: [item],
      first_id: 'msg_1',
      last_id: 'msg_1',
      has_more: false,
    });
  } else if (/^\/v1\/responses\/resp_/.test(path ?? '')) {
    if (/[?&]stream=true/.test(request.url ?? '')) sse(response, responseEvents());
    else json(response, 200, RESPONSE);
  } else if (path === '/v1/responses/input_tokens') {
    json(response, 200, { object: 'response.input_tokens', input_tokens: 3 });
  } else if (path === '/v1/messages') {
    if (stream === true)
      sse(
        response,
        EVENTS.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}`),
      );
    else json(response, 200, MESSAGE);
  } else if (path === '/v1/messages/count_tokens') {
    json(response, 200, { input_tokens: 3, context_management: { original_input_tokens: 3 } });
  } else if (path === '/v1/models') {
    json(response, 200, { object: 'list', data: [], has_more: false, first_id: null, last_id: null });
  } else json(response, 404, { error: { message: `nothing at ${path}`, type: 'not_found_error' } });
}

/** Of completions that the provider keeps. */
function storedChat(method: string, path: string): object {
  const list = (one: { id: string }): object => ({
    object: 'list',
    data: [one],
    first_id: one.id,
    last_id: one.id,
    has_more: false,
  });
  if (method === 'DELETE') return { id: COMPLETION.id, object: 'chat.completion.deleted', deleted: true };
  if (path.endsWith('/messages')) return list({ id: 'msg_1', ...COMPLETION.choices[0]!.message });
  return path === '/v1/chat/completions' ? list(COMPLETION) : COMPLETION;
}

function json(response: ServerResponse, status: number, value: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

function sse(response: ServerResponse, messages: readonly string[]): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' }).end(`${messages.join('\n\n')}\n\n`);
}
