// The Cohere v2 chat half of the mock provider (wire.md section 6): as strict as its reader, which knows its own members alone.
import { pick } from './json.ts';
import type { MockDialect, MockFault, WireEvent } from './mock-dialect.ts';
import { chanceOf, type Plan } from './mock-script.ts';

const words = {
  end: 'COMPLETE',
  length: 'MAX_TOKENS',
  tools: 'TOOL_CALL',
  stop_sequence: 'STOP_SEQUENCE',
} as const;

function usageOf(plan: Plan): object | null {
  if (plan.usage === null) return null;
  const { input, cacheRead, output } = plan.usage;
  return {
    billed_units: { input_tokens: input - cacheRead, output_tokens: output },
    tokens: { input_tokens: input, output_tokens: output },
    cached_tokens: cacheRead,
  };
}

const chance = (text: string, at: number): object => ({ text, token_ids: [at], logprobs: [chanceOf(at)] });

function answer(plan: Plan): string {
  const content: object[] = [];
  if (plan.reasoning.length > 0) content.push({ type: 'thinking', thinking: plan.reasoning.join('') });
  const text = plan.text.join('');
  const acts = plan.tools.length > 0;
  if (!acts && (text !== '' || content.length === 0)) content.push({ type: 'text', text });
  const message: Record<string, unknown> = { role: 'assistant' };
  if (content.length > 0) message['content'] = content;
  if (acts) {
    if (text !== '') message['tool_plan'] = text;
    message['tool_calls'] = plan.tools.map((tool) => ({
      id: tool.id,
      type: 'function',
      function: { name: tool.name, arguments: tool.pieces.join('') },
    }));
  }
  const usage = usageOf(plan);
  return JSON.stringify({
    id: `co-mock-${plan.serial}`,
    message,
    finish_reason: plan.finishAs ?? words[plan.finish],
    ...(plan.odds ? { logprobs: plan.text.map(chance) } : {}),
    ...(usage === null ? {} : { usage }),
  });
}

function named(type: string, rest: object): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...rest })}\n\n`;
}

function events(plan: Plan): WireEvent[] {
  const list: WireEvent[] = [];
  const add = (text: string, content: boolean, part: WireEvent['part'] = content ? 'body' : 'open') =>
    list.push({ text, content, part });
  const message = { role: 'assistant', content: [], tool_plan: '', tool_calls: [], citations: [] };
  add(named('message-start', { id: `co-mock-${plan.serial}`, delta: { message } }), false);
  let index = 0;
  const block = (type: 'text' | 'thinking', pieces: string[]) => {
    add(named('content-start', { index, delta: { message: { content: { type, [type]: '' } } } }), false);
    for (const [at, piece] of pieces.entries()) {
      const odds = plan.odds && type === 'text' ? { logprobs: chance(piece, at) } : {};
      add(
        named('content-delta', { index, delta: { message: { content: { [type]: piece } } }, ...odds }),
        true,
      );
    }
    add(named('content-end', { index }), false);
    index++;
  };
  if (plan.reasoning.length > 0) block('thinking', plan.reasoning);
  if (plan.tools.length > 0)
    for (const piece of plan.text)
      add(named('tool-plan-delta', { delta: { message: { tool_plan: piece } } }), true);
  else if (plan.text.length > 0) block('text', plan.text);
  for (const [at, tool] of plan.tools.entries()) {
    const call = { id: tool.id, type: 'function', function: { name: tool.name, arguments: '' } };
    add(named('tool-call-start', { index: at, delta: { message: { tool_calls: call } } }), true);
    for (const piece of tool.pieces) {
      const more = { function: { arguments: piece } };
      add(named('tool-call-delta', { index: at, delta: { message: { tool_calls: more } } }), true);
    }
    add(named('tool-call-end', { index: at }), false);
  }
  const usage = usageOf(plan);
  const delta = { finish_reason: plan.finishAs ?? words[plan.finish], ...(usage === null ? {} : { usage }) };
  add(named('message-end', { delta }), false, 'finish');
  add('data: [DONE]\n\n', false, 'done');
  return list;
}

const MEMBERS = [
  'model',
  'messages',
  'tools',
  'strict_tools',
  'documents',
  'citation_options',
  'response_format',
  'safety_mode',
  'max_tokens',
  'stop_sequences',
  'temperature',
  'seed',
  'frequency_penalty',
  'presence_penalty',
  'k',
  'p',
  'logprobs',
  'tool_choice',
  'thinking',
  'priority',
  'stream',
];

function check(body: unknown): string[] {
  const wrong: string[] = [];
  for (const name of Object.keys(body as object))
    if (!MEMBERS.includes(name)) wrong.push(`invalid request: unknown field '${name}'`);
  const messages = pick(body, 'messages');
  if (!Array.isArray(messages) || messages.length === 0)
    return [...wrong, 'invalid request: list of messages must not be empty'];
  let open: string[] = [];
  messages.forEach((message, at) => {
    const role = String(pick(message, 'role'));
    if (!['system', 'user', 'assistant', 'tool'].includes(role))
      wrong.push(`messages[${at}]: role '${role}'`);
    if (role === 'tool') {
      const id = String(pick(message, 'tool_call_id'));
      if (!open.includes(id))
        wrong.push(`messages[${at}]: tool call id '${id}' not found in previous tool calls`);
      open = open.filter((other) => other !== id);
    } else if (open.length > 0) wrong.push(`messages[${at}]: missing results of ${open.join(', ')}`);
    const calls = pick(message, 'tool_calls');
    if (role === 'assistant' && Array.isArray(calls)) {
      open = calls.map((call) => String(pick(call, 'id')));
      if (calls.some((call) => typeof pick(call, 'function.arguments') !== 'string'))
        wrong.push(`messages[${at}]: arguments must be a string`);
    }
    wrong.push(...checkContent(pick(message, 'content'), role, at));
  });
  if (open.length > 0) wrong.push('invalid request: all tool calls must have a result');
  if (pick(messages.at(-1), 'role') === 'assistant')
    wrong.push('the last message must be of the user or a tool');
  const tools = pick(body, 'tools');
  if (Array.isArray(tools))
    for (const tool of tools)
      if (typeof pick(tool, 'function.parameters') !== 'object') wrong.push('tools: parameters are required');
  const choice = pick(body, 'tool_choice');
  if (choice !== undefined && choice !== 'REQUIRED' && choice !== 'NONE')
    wrong.push('tool_choice: REQUIRED or NONE');
  const temperature = pick(body, 'temperature');
  if (typeof temperature === 'number' && (temperature < 0 || temperature > 1))
    wrong.push('temperature must be between 0 and 1.0');
  return wrong;
}

function checkContent(content: unknown, role: string, at: number): string[] {
  if (content === undefined && role === 'assistant') return [];
  if (typeof content === 'string') return [];
  if (!Array.isArray(content)) return [`messages[${at}].content: missing`];
  const allowed: Record<string, string[]> = {
    user: ['text', 'image_url'],
    assistant: ['text', 'thinking'],
    system: ['text'],
    tool: ['text', 'document'],
  };
  return content
    .filter((part) => !(allowed[role] ?? []).includes(String(pick(part, 'type'))))
    .map((part) => `messages[${at}].content: a part of type '${String(pick(part, 'type'))}'`);
}

export const mockCohere: MockDialect = {
  name: 'cohere',
  headers: (serial) => ({ 'x-debug-trace-id': `trace_${serial}`, 'x-endpoint-monthly-call-limit': '1000' }),
  answer,
  events,
  error: (fault, serial) => JSON.stringify({ id: `err-${serial}`, message: fault.message }),
  errorEvent: (fault: MockFault) =>
    named('message-end', { delta: { finish_reason: 'ERROR', error: fault.message } }),
  filler: (_, bytes) =>
    named('content-delta', { index: 0, delta: { message: { content: { text: 'x'.repeat(bytes) } } } }),
  exoticAnswer:
    '{ "x_first" :\t{"big":12345678901234567890,"f":1.0,"e":1e3,"empty":{},"none":null},\r\n "id":"exotic","finish_reason":"COMPLETE",' +
    '"message":{"role":"assistant","content":[{"text":"caf\\u00e9 \\ud83d\\ude00 \\/ é 😀","type":"text","x_odd":0}]},' +
    '"usage":{"tokens":{"output_tokens":7,"input_tokens":12},"x_cost":0.0001000}}\n',
  exoticStream: [
    'event:message-start\ndata:{"type":"message-start","x_big":12345678901234567890,"id":"exotic","delta":{"message":{"role":"assistant"}}}\n\n',
    'event: content-start\ndata: {"index":0,"delta":{"message":{"content":{"text":"","type":"text"}}},"type":"content-start"}\n\n',
    'id: 9\nevent: content-delta\ndata: {"type":"content-delta","index":0,"delta":{"message":{"content":{"text":"caf\\u00e9 \\/ é 😀"}}},"x_odd":1.0}\n\n',
    'event: content-end\ndata: {"type":"content-end","index":0}\n\n',
    'event: x-future-event\ndata: {"type":"x-future-event","n":1e3}\n\n',
    'event: message-end\ndata: {"type":"message-end","delta":{"finish_reason":"COMPLETE","usage":{"tokens":{"input_tokens":12,"output_tokens":3}}}}\n\n',
    'data: [DONE]\n\n',
  ].join(''),
  check: (body) => check(body),
};
