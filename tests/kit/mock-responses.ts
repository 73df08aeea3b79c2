// The OpenAI Responses half of the mock provider.
import { pick, tryJson } from './json.ts';
import type { MockDialect, MockFault, WireEvent } from './mock-dialect.ts';
import { chances, mockOpenai } from './mock-openai.ts';
import { checkResponses } from './mock-responses-check.ts';
import type { Plan } from './mock-script.ts';

const created = 1_790_000_000;

function usageOf(plan: Plan): object | null {
  if (plan.usage === null) return null;
  const { input, cacheRead, cacheWrite, output, reasoning } = plan.usage;
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: cacheRead, cache_write_tokens: cacheWrite },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: reasoning },
    total_tokens: input + output,
  };
}

function itemsOf(plan: Plan): Record<string, unknown>[] {
  const items: Record<string, unknown>[] = [];
  const { serial } = plan;
  const status = plan.finish === 'length' ? 'incomplete' : 'completed';
  if (plan.reasoning.length > 0 || plan.redacted !== null)
    items.push({
      id: `rs_mock${serial}`,
      type: 'reasoning',
      summary: plan.reasoning.length > 0 ? [{ type: 'summary_text', text: plan.reasoning.join('') }] : [],
      encrypted_content: plan.signature ?? plan.redacted,
    });
  if (plan.text.length > 0)
    items.push({
      id: `msg_mock${serial}`,
      type: 'message',
      status,
      role: 'assistant',
      content: [
        {
          type: 'output_text',
          annotations: [],
          logprobs: plan.odds ? chances(plan.text) : [],
          text: plan.text.join(''),
        },
      ],
    });
  for (const [at, tool] of plan.tools.entries())
    items.push({
      id: `fc_mock${serial}_${at}`,
      type: 'function_call',
      status: 'completed',
      call_id: tool.id,
      name: tool.name,
      arguments: tool.pieces.join(''),
    });
  return items;
}

function response(plan: Plan, over: boolean): Record<string, unknown> {
  const incomplete = over && (plan.finish === 'length' || plan.finishAs !== null);
  return {
    id: `resp_mock${plan.serial}`,
    object: 'response',
    created_at: created,
    status: over ? (incomplete ? 'incomplete' : 'completed') : 'in_progress',
    error: null,
    incomplete_details: incomplete ? { reason: plan.finishAs ?? 'max_output_tokens' } : null,
    model: plan.model,
    output: over ? itemsOf(plan) : [],
    parallel_tool_calls: true,
    temperature: 1,
    tool_choice: 'auto',
    tools: [],
    top_p: 1,
    usage: over ? usageOf(plan) : null,
    metadata: {},
  };
}

function events(plan: Plan): WireEvent[] {
  const list: WireEvent[] = [];
  let sequence = 0;
  const add = (type: string, rest: object, content = false, part: WireEvent['part'] = 'open') => {
    const data = JSON.stringify({ type, sequence_number: sequence++, ...rest });
    list.push({
      text: `event: ${type}\ndata: ${data}\n\n`,
      content,
      part: part === 'open' && content ? 'body' : part,
    });
  };
  add('response.created', { response: response(plan, false) });
  add('response.in_progress', { response: response(plan, false) });
  for (const [at, item] of itemsOf(plan).entries()) {
    const place = { item_id: item['id'], output_index: at };
    if (item['type'] === 'reasoning') {
      add('response.output_item.added', {
        output_index: at,
        item: { ...item, summary: [], encrypted_content: null },
      });
      if (plan.reasoning.length > 0) {
        const part = { ...place, summary_index: 0 };
        add('response.reasoning_summary_part.added', { ...part, part: { type: 'summary_text', text: '' } });
        for (const delta of plan.reasoning)
          add('response.reasoning_summary_text.delta', { ...part, delta }, true);
        const text = plan.reasoning.join('');
        add('response.reasoning_summary_text.done', { ...part, text });
        add('response.reasoning_summary_part.done', { ...part, part: { type: 'summary_text', text } });
      }
    } else if (item['type'] === 'message') {
      const part = { ...place, content_index: 0 };
      const empty = { type: 'output_text', annotations: [], logprobs: [], text: '' };
      add('response.output_item.added', {
        output_index: at,
        item: { ...item, status: 'in_progress', content: [] },
      });
      add('response.content_part.added', { ...part, part: empty });
      for (const [piece, delta] of plan.text.entries())
        add(
          'response.output_text.delta',
          {
            ...part,
            delta,
            logprobs: plan.odds ? chances([delta], piece) : [],
            obfuscation: 'x'.repeat(1 + (sequence % 7)),
          },
          true,
        );
      const text = plan.text.join('');
      const logprobs = plan.odds ? chances(plan.text) : [];
      add('response.output_text.done', { ...part, text, logprobs });
      add('response.content_part.done', { ...part, part: { ...empty, text, logprobs } });
    } else {
      const { pieces, name } = plan.tools.find((tool) => tool.id === item['call_id'])!;
      const begun = { ...item, status: 'in_progress', arguments: '' };
      add('response.output_item.added', { output_index: at, item: begun }, true);
      for (const delta of pieces) add('response.function_call_arguments.delta', { ...place, delta }, true);
      add('response.function_call_arguments.done', { ...place, arguments: item['arguments'], name });
    }
    add('response.output_item.done', { output_index: at, item });
  }
  const over = response(plan, true);
  add(`response.${String(over['status'])}`, { response: over }, false, 'finish');
  return list;
}

function errorEvent(fault: MockFault): string {
  const error = pick(tryJson(mockOpenai.error(fault, 0)), 'error') as object;
  return `event: error\ndata: ${JSON.stringify({ type: 'error', sequence_number: 9, error })}\n\n`;
}

export const mockResponses: MockDialect = {
  name: 'openai-responses',
  headers: mockOpenai.headers,
  answer: (plan) => JSON.stringify(response(plan, true)),
  events,
  error: mockOpenai.error,
  errorEvent,
  filler: (_, bytes) =>
    `event: response.output_text.delta\ndata: ${JSON.stringify({ type: 'response.output_text.delta', item_id: 'msg_flood', output_index: 0, content_index: 0, delta: 'x'.repeat(bytes) })}\n\n`,
  exoticAnswer:
    '{ "x_first" :\t{"big":12345678901234567890,"f":1.0,"e":1e3,"empty":{},"none":null},\r\n "id":"resp_exotic","object":"response",' +
    '"created_at":1790000000.5,"status":"completed","model":"m\\u00f6del","output":[{"role":"assistant","type":"message","content":[{"text":"caf\\u00e9 \\ud83d\\ude00 \\/ é 😀","type":"output_text","x_odd":0}]}],' +
    '"usage":{"output_tokens":7,"input_tokens":12,"total_tokens":19,"x_cost":0.0001000}}\n',
  exoticStream: [
    'event:response.created\ndata:{"type":"response.created","sequence_number":0,"x_big":12345678901234567890,"response":{"id":"resp_exotic","object":"response","created_at":1790000000,"status":"in_progress","model":"m","output":[]}}\n\n',
    'event: response.output_item.added\ndata: {"output_index":0,"sequence_number":1,"item":{"id":"msg_1","type":"message","content":[]},"type":"response.output_item.added"}\n\n',
    'id: 9\nevent: response.output_text.delta\ndata: { "sequence_number" : 2, "type":"response.output_text.delta","item_id":"msg_1","output_index":0,"content_index":0,"delta":"caf\\u00e9 \\/ é 😀","x_odd":1.0}\n\n',
    'event: x.future.event\ndata: {"type":"x.future.event","sequence_number":3,"n":1e3}\n\n',
    'event: response.output_item.done\ndata: {"type":"response.output_item.done","sequence_number":4,"output_index":0,"item":{"id":"msg_1","type":"message"}}\n\n',
    'event: response.completed\ndata: {"type":"response.completed","sequence_number":5,"response":{"id":"resp_exotic","status":"completed","output":[],"usage":{"input_tokens":12,"output_tokens":3}}}\n\n',
  ].join(''),
  check: checkResponses,
};
