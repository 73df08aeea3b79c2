// The OpenAI Chat Completions half of the mock provider (wire.md section 1).
import { pick, tryJson } from './json.ts';
import type { MockDialect, MockFault, WireEvent } from './mock-dialect.ts';
import { chanceOf, type Plan } from './mock-script.ts';

const created = 1_790_000_000;

const words = { end: 'stop', length: 'length', tools: 'tool_calls', stop_sequence: 'stop' } as const;

function usageOf(plan: Plan): object | null {
  if (plan.usage === null) return null;
  const { input, cacheRead, cacheWrite, output, reasoning } = plan.usage;
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    prompt_tokens_details: { cached_tokens: cacheRead, cache_write_tokens: cacheWrite, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: reasoning, audio_tokens: 0 },
  };
}

/** Of pieces from number `from` on. */
function oddsOf(plan: Plan, pieces: readonly string[], from = 0): object | null {
  if (!plan.odds) return null;
  return { content: chances(pieces, from), refusal: null };
}

/** `logprobs` of pieces, as both of OpenAI's dialects write them. */
export function chances(pieces: readonly string[], from = 0): object[] {
  return pieces.map((token, at) => ({
    token,
    logprob: chanceOf(from + at),
    bytes: [...Buffer.from(token)],
    top_logprobs: [],
  }));
}

function answer(plan: Plan): string {
  const message: Record<string, unknown> = {
    role: 'assistant',
    content: plan.text.length > 0 ? plan.text.join('') : null,
    refusal: null,
    annotations: [],
  };
  if (plan.reasoning.length > 0) message['reasoning_content'] = plan.reasoning.join('');
  if (plan.tools.length > 0)
    message['tool_calls'] = plan.tools.map((tool) => ({
      id: tool.id,
      type: 'function',
      function: { name: tool.name, arguments: tool.pieces.join('') },
    }));
  const usage = usageOf(plan);
  return JSON.stringify({
    id: `chatcmpl-mock${plan.serial}`,
    object: 'chat.completion',
    created,
    model: plan.model,
    choices: Array.from({ length: plan.choices }, (_, index) => ({
      index,
      message,
      logprobs: oddsOf(plan, plan.text),
      finish_reason: plan.finishAs ?? words[plan.finish],
    })),
    ...(usage === null ? {} : { usage }),
    service_tier: 'default',
    system_fingerprint: 'fp_mock',
  });
}

function events(plan: Plan, { includeUsage }: { includeUsage: boolean }): WireEvent[] {
  const list: WireEvent[] = [];
  const chunk = (choices: object[], extra: object = {}) =>
    `data: ${JSON.stringify({
      id: `chatcmpl-mock${plan.serial}`,
      object: 'chat.completion.chunk',
      created,
      model: plan.model,
      service_tier: 'default',
      system_fingerprint: 'fp_mock',
      choices,
      ...(includeUsage ? { usage: null } : {}),
      ...extra,
    })}\n\n`;
  const add = (
    delta: object,
    content: boolean,
    finish: string | null = null,
    logprobs: object | null = null,
  ) => {
    // Those of several answers take turns.
    for (let index = 0; index < plan.choices; index++)
      list.push({
        text: chunk([{ index, delta, logprobs, finish_reason: finish }]),
        content,
        part: finish === null ? (content ? 'body' : 'open') : 'finish',
      });
  };
  add({ role: 'assistant', content: '', refusal: null }, false);
  for (const text of plan.reasoning) add({ reasoning_content: text }, true);
  for (const [at, text] of plan.text.entries()) add({ content: text }, true, null, oddsOf(plan, [text], at));
  plan.tools.forEach((tool, index) => {
    add(
      {
        tool_calls: [{ index, id: tool.id, type: 'function', function: { name: tool.name, arguments: '' } }],
      },
      true,
    );
  });
  // Pieces of parallel calls come interleaved, as the wire format allows.
  const longest = Math.max(0, ...plan.tools.map((tool) => tool.pieces.length));
  for (let at = 0; at < longest; at++)
    plan.tools.forEach((tool, index) => {
      const piece = tool.pieces[at];
      if (piece !== undefined) add({ tool_calls: [{ index, function: { arguments: piece } }] }, true);
    });
  add({}, false, plan.finishAs ?? words[plan.finish]);
  const usage = usageOf(plan);
  if (includeUsage && usage !== null)
    list.push({ text: chunk([], { usage }), content: false, part: 'usage' });
  list.push({ text: 'data: [DONE]\n\n', content: false, part: 'done' });
  return list;
}

const kinds: Record<number, [type: string, code: string | null]> = {
  400: ['invalid_request_error', null],
  401: ['invalid_request_error', 'invalid_api_key'],
  403: ['permission_error', null],
  404: ['invalid_request_error', 'model_not_found'],
  409: ['conflict_error', null],
  422: ['invalid_request_error', null],
  429: ['rate_limit_error', 'rate_limit_exceeded'],
  503: ['service_unavailable_error', 'server_is_overloaded'],
};

function errorObject(fault: MockFault): object {
  const [type, code] = kinds[fault.status] ?? ['server_error', null];
  return {
    error: { message: fault.message, type: fault.type ?? type, param: null, code: fault.code ?? code },
  };
}

function check(body: unknown): string[] {
  const wrong: string[] = [];
  const messages = pick(body, 'messages');
  if (!Array.isArray(messages) || messages.length === 0) return ['messages: must be a non-empty list'];
  const open = new Set<string>();
  messages.forEach((message, at) => {
    const role = pick(message, 'role');
    const content = pick(message, 'content');
    if (!['system', 'developer', 'user', 'assistant', 'tool'].includes(String(role)))
      wrong.push(`messages[${at}].role: ${String(role)}`);
    if (role === 'tool') {
      const id = String(pick(message, 'tool_call_id'));
      if (!open.delete(id)) wrong.push(`messages[${at}].tool_call_id: no open call ${id}`);
    } else if (open.size > 0) {
      wrong.push(`messages[${at}]: tool calls ${[...open].join(', ')} have no answer`);
      open.clear();
    }
    const calls = pick(message, 'tool_calls');
    if (Array.isArray(calls))
      for (const call of calls) {
        open.add(String(pick(call, 'id')));
        const args = pick(call, 'function.arguments');
        if (typeof args !== 'string') wrong.push(`messages[${at}].tool_calls: arguments must be a string`);
        else if (tryJson(args) === undefined)
          wrong.push(`messages[${at}].tool_calls: arguments are not JSON`);
      }
    if (content === undefined && calls === undefined) wrong.push(`messages[${at}].content: missing`);
    if (Array.isArray(content))
      for (const part of content) {
        const type = String(pick(part, 'type'));
        if (!['text', 'image_url', 'input_audio', 'file', 'refusal'].includes(type))
          wrong.push(`messages[${at}].content: part type ${type}`);
        if (type === 'image_url' && typeof pick(part, 'image_url.url') !== 'string')
          wrong.push(`messages[${at}].content: image_url.url must be a string`);
      }
  });
  const tools = pick(body, 'tools');
  if (Array.isArray(tools))
    for (const tool of tools)
      if (pick(tool, 'type') === 'function' && typeof pick(tool, 'function.name') !== 'string')
        wrong.push('tools: function.name missing');
  // DeepSeek has one of them, to switch thinking off.
  const own = String(pick(body, 'model')).startsWith('deepseek') ? ['thinking'] : [];
  for (const foreign of ['system', 'stop_sequences', 'thinking', 'fallbacks'])
    if (pick(body, foreign) !== undefined && !own.includes(foreign))
      wrong.push(`${foreign}: not a field of this API`);
  return wrong;
}

export const mockOpenai: MockDialect = {
  name: 'openai-chat',
  headers: (serial) => ({
    'x-request-id': `req_up_${serial}`,
    'openai-processing-ms': '7',
    'x-ratelimit-limit-requests': '1000',
    'x-ratelimit-remaining-requests': '999',
    'x-ratelimit-reset-requests': '60ms',
  }),
  answer,
  events,
  error: (fault) => JSON.stringify(errorObject(fault)),
  errorEvent: (fault) => `data: ${JSON.stringify(errorObject(fault))}\n\n`,
  filler: (model, bytes) =>
    `data: ${JSON.stringify({ id: 'chatcmpl-flood', object: 'chat.completion.chunk', created, model, choices: [{ index: 0, delta: { content: 'x'.repeat(bytes) }, finish_reason: null }] })}\n\n`,
  exoticAnswer:
    '{ "x_first" :\t{"big":12345678901234567890,"f":1.0,"e":1e3,"empty":{},"none":null,"zero":0,"s":""},\r\n "id":"chatcmpl-exotic",' +
    '"object":"chat.completion","created":1790000000,"model":"m\\u00f6del","choices":[{"index":0,"message":{"content":"caf\\u00e9 \\ud83d\\ude00 \\/ é 😀","role":"assistant"},"finish_reason":"stop"}],' +
    '"usage":{"total_tokens":19,"completion_tokens":7,"prompt_tokens":12,"x_cost":0.0001000}}\n',
  exoticStream: [
    'data:{"id":"chatcmpl-exotic","object":"chat.completion.chunk","created":1790000000,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}],"usage":null}\n\n',
    'id: 7\ndata: {"x_big":12345678901234567890,"id":"chatcmpl-exotic","object":"chat.completion.chunk","created":1790000000,"model":"m","choices":[{"index":0,"delta":{"content":"caf\\u00e9 \\/ é 😀","x_odd":1.0},"finish_reason":null}],"usage":null,"obfuscation":"aB3"}\n\n',
    'data: { "choices" : [ {"finish_reason":"stop","delta":{},"index":0} ], "id":"chatcmpl-exotic","object":"chat.completion.chunk","created":1790000000,"model":"m","usage":null }\n\n',
    'data: {"id":"chatcmpl-exotic","object":"chat.completion.chunk","created":1790000000,"model":"m","choices":[],"usage":{"prompt_tokens":12,"completion_tokens":3,"total_tokens":15}}\n\n',
    'data: [DONE]\n\n',
  ].join(''),
  check,
};
