// The Anthropic Messages half of the mock provider (wire.md section 3).
import { pick } from './json.ts';
import type { MockDialect, MockFault, WireEvent } from './mock-dialect.ts';
import type { Plan } from './mock-script.ts';

const words = {
  end: 'end_turn',
  length: 'max_tokens',
  tools: 'tool_use',
  stop_sequence: 'stop_sequence',
} as const;

function usageOf(plan: Plan): Record<string, unknown> {
  if (plan.usage === null) return { input_tokens: 0, output_tokens: 0 };
  const { input, cacheRead, cacheWrite, output, reasoning } = plan.usage;
  return {
    input_tokens: input - cacheRead - cacheWrite,
    cache_creation_input_tokens: cacheWrite,
    cache_read_input_tokens: cacheRead,
    cache_creation: { ephemeral_5m_input_tokens: cacheWrite, ephemeral_1h_input_tokens: 0 },
    output_tokens: output,
    output_tokens_details: { thinking_tokens: reasoning },
    service_tier: 'standard',
  };
}

/** Tool input is written as text so that numbers stay as the plan has them. */
function answer(plan: Plan): string {
  const blocks: string[] = [];
  if (plan.reasoning.length > 0)
    blocks.push(
      JSON.stringify({ type: 'thinking', thinking: plan.reasoning.join(''), signature: plan.signature }),
    );
  if (plan.redacted !== null) blocks.push(JSON.stringify({ type: 'redacted_thinking', data: plan.redacted }));
  if (plan.text.length > 0)
    blocks.push(JSON.stringify({ type: 'text', text: plan.text.join(''), citations: null }));
  for (const tool of plan.tools)
    blocks.push(
      `{"type":"tool_use","id":${JSON.stringify(toolId(tool.id))},"name":${JSON.stringify(tool.name)},"input":${tool.pieces.join('')}}`,
    );
  const usage = plan.usage === null ? '' : `,"usage":${JSON.stringify(usageOf(plan))}`;
  return `{"id":"msg_mock${plan.serial}","type":"message","role":"assistant","model":${JSON.stringify(plan.model)},"content":[${blocks.join(',')}],"stop_reason":${JSON.stringify(plan.finishAs ?? words[plan.finish])},"stop_sequence":${JSON.stringify(plan.stopSequence)}${usage}}`;
}

function toolId(id: string): string {
  return id.replace('call_', 'toolu_');
}

function named(type: string, rest: object): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...rest })}\n\n`;
}

function events(plan: Plan): WireEvent[] {
  const list: WireEvent[] = [];
  const add = (text: string, content: boolean, part: WireEvent['part'] = content ? 'body' : 'open') =>
    list.push({ text, content, part });
  const message = {
    id: `msg_mock${plan.serial}`,
    type: 'message',
    role: 'assistant',
    model: plan.model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: { ...usageOf(plan), output_tokens: 1 },
  };
  add(named('message_start', { message }), false);
  let index = 0;
  const block = (start: object, deltas: object[]) => {
    const opens = deltas.length === 0;
    add(named('content_block_start', { index, content_block: start }), opens);
    if (index === 0) add(named('ping', {}), false);
    for (const delta of deltas) add(named('content_block_delta', { index, delta }), true);
    add(named('content_block_stop', { index }), false);
    index++;
  };
  if (plan.reasoning.length > 0)
    block({ type: 'thinking', thinking: '', signature: '' }, [
      ...plan.reasoning.map((thinking) => ({ type: 'thinking_delta', thinking })),
      { type: 'signature_delta', signature: plan.signature },
    ]);
  if (plan.redacted !== null) block({ type: 'redacted_thinking', data: plan.redacted }, []);
  if (plan.text.length > 0)
    block(
      { type: 'text', text: '' },
      plan.text.map((text) => ({ type: 'text_delta', text })),
    );
  for (const tool of plan.tools)
    block(
      { type: 'tool_use', id: toolId(tool.id), name: tool.name, input: {} },
      tool.pieces.map((piece) => ({ type: 'input_json_delta', partial_json: piece })),
    );
  add(
    named('message_delta', {
      delta: { stop_reason: plan.finishAs ?? words[plan.finish], stop_sequence: plan.stopSequence },
      ...(plan.usage === null ? {} : { usage: usageOf(plan) }),
    }),
    false,
    'finish',
  );
  add(named('message_stop', {}), false, 'done');
  return list;
}

const kinds: Record<number, string> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  409: 'conflict_error',
  413: 'request_too_large',
  422: 'invalid_request_error',
  429: 'rate_limit_error',
  504: 'timeout_error',
  529: 'overloaded_error',
};

function errorObject(fault: MockFault): object {
  return {
    type: 'error',
    error: {
      type: fault.type ?? kinds[fault.status] ?? 'api_error',
      message: fault.message,
      ...(fault.code === null ? {} : { details: { error_code: fault.code } }),
    },
  };
}

function check(body: unknown, headers: Record<string, string>): string[] {
  const wrong: string[] = [];
  if (headers['anthropic-version'] === undefined) wrong.push('anthropic-version: header required');
  if (!Number.isInteger(pick(body, 'max_tokens'))) wrong.push('max_tokens: required');
  const messages = pick(body, 'messages');
  if (!Array.isArray(messages) || messages.length === 0)
    return [...wrong, 'messages: must be a non-empty list'];
  if (pick(messages[0], 'role') !== 'user') wrong.push('messages[0].role: first must be user');
  let open = new Set<string>();
  messages.forEach((message, at) => {
    const role = pick(message, 'role');
    if (role !== 'user' && role !== 'assistant' && role !== 'system')
      wrong.push(`messages[${at}].role: ${String(role)}`);
    const content = pick(message, 'content');
    if (content === '') wrong.push(`messages[${at}].content: text must not be empty`);
    const blocks: unknown[] = Array.isArray(content) ? content : [];
    if (typeof content !== 'string' && !Array.isArray(content))
      wrong.push(`messages[${at}].content: missing`);
    if (open.size > 0) {
      for (const block of blocks)
        if (pick(block, 'type') === 'tool_result') open.delete(String(pick(block, 'tool_use_id')));
      if (open.size > 0) wrong.push(`messages[${at}]: no tool_result for ${[...open].join(', ')}`);
      open = new Set();
    }
    let behind = false;
    for (const block of blocks) {
      const type = pick(block, 'type');
      if (type === 'text' && pick(block, 'text') === '') wrong.push(`messages[${at}]: empty text block`);
      if (type === 'tool_use') {
        open.add(String(pick(block, 'id')));
        const input = pick(block, 'input');
        if (typeof input !== 'object' || input === null || Array.isArray(input))
          wrong.push(`messages[${at}]: tool_use.input must be an object`);
      }
      if (type === 'thinking' && typeof pick(block, 'signature') !== 'string')
        wrong.push(`messages[${at}]: thinking without signature`);
      if (type === 'tool_result' && behind) wrong.push(`messages[${at}]: tool_result must come first`);
      if (type !== 'tool_result') behind = true;
      if (type === 'image' && !['base64', 'url', 'file'].includes(String(pick(block, 'source.type'))))
        wrong.push(`messages[${at}]: image source`);
    }
  });
  const tools = pick(body, 'tools');
  if (Array.isArray(tools))
    for (const tool of tools)
      if (pick(tool, 'type') === undefined && typeof pick(tool, 'input_schema') !== 'object')
        wrong.push('tools: input_schema missing');
  for (const foreign of [
    'max_completion_tokens',
    'stop',
    'response_format',
    'stream_options',
    'n',
    'fallbacks',
  ])
    if (pick(body, foreign) !== undefined) wrong.push(`${foreign}: not a field of this API`);
  return wrong;
}

export const mockAnthropic: MockDialect = {
  name: 'anthropic',
  headers: (serial) => ({
    'request-id': `req_up_${serial}`,
    'anthropic-organization-id': 'org-mock',
    'anthropic-ratelimit-requests-limit': '1000',
    'anthropic-ratelimit-requests-remaining': '999',
    'anthropic-ratelimit-requests-reset': '2026-11-21T08:00:00Z',
  }),
  answer,
  events,
  error: (fault, serial) => JSON.stringify({ ...errorObject(fault), request_id: `req_up_${serial}` }),
  errorEvent: (fault) => `event: error\ndata: ${JSON.stringify(errorObject(fault))}\n\n`,
  filler: (_, bytes) =>
    named('content_block_delta', { index: 0, delta: { type: 'text_delta', text: 'x'.repeat(bytes) } }),
  exoticAnswer:
    '{ "x_first" :\t{"big":12345678901234567890,"f":1.0,"e":1e3,"empty":{},"none":null},\r\n "id":"msg_exotic","type":"message","role":"assistant",' +
    '"model":"m\\u00f6del","content":[{"text":"caf\\u00e9 \\ud83d\\ude00 \\/ é 😀","type":"text","x_odd":0}],"stop_sequence":null,"stop_reason":"end_turn",' +
    '"usage":{"output_tokens":7,"input_tokens":12,"x_cost":0.0001000}}\n',
  exoticStream: [
    'event:message_start\ndata:{"type":"message_start","x_big":12345678901234567890,"message":{"id":"msg_exotic","type":"message","role":"assistant","model":"m","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":12,"output_tokens":1}}}\n\n',
    'event: content_block_start\ndata: {"index":0,"content_block":{"text":"","type":"text"},"type":"content_block_start"}\n\n',
    'event: ping\ndata: {"type": "ping"}\n\n',
    'id: 9\nevent: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"caf\\u00e9 \\/ é 😀"},"x_odd":1.0}\n\n',
    'event: content_block_stop\ndata: {"type":"content_block_stop","index":0}\n\n',
    'event: x_future_event\ndata: {"type":"x_future_event","n":1e3}\n\n',
    'event: message_delta\ndata: {"type":"message_delta","delta":{"stop_sequence":null,"stop_reason":"end_turn"},"usage":{"output_tokens":3}}\n\n',
    'event: message_stop\ndata: {"type":"message_stop"}\n\n',
  ].join(''),
  check,
};
