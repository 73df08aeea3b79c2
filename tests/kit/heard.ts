// What a client has understood of a stream, read the way the vendors' SDKs read it and apart from the gateway's own code.
import type { DialectName } from '../../src/contracts/dialect.ts';
import { pick } from './json.ts';
import { parseSse } from './sse.ts';

export interface Heard {
  /** It ended as a whole answer ends, and no error was told. */
  clean: boolean;
  text: string;
  reasoning: string;
  refusal: string;
  signatures: string;
  redacted: string;
  /** Name and arguments of each tool call. */
  calls: string[];
  stop: unknown;
  usage: unknown;
}

const nothing = (): Heard => ({
  clean: false,
  text: '',
  reasoning: '',
  refusal: '',
  signatures: '',
  redacted: '',
  calls: [],
  stop: null,
  usage: null,
});

/** @throws Error when the stream breaks a rule that an SDK would fail on. */
export function hear(stream: string, dialect: DialectName): Heard {
  switch (dialect) {
    case 'anthropic':
    case 'bedrock-invoke':
      return hearMessages(stream);
    case 'bedrock':
      return hearConverse(stream);
    case 'cohere':
      return hearCohere(stream);
    case 'gemini':
      return hearGemini(stream);
    case 'openai-responses':
      return hearResponses(stream);
    default:
      return hearChat(stream);
  }
}

function hearChat(stream: string): Heard {
  const heard = nothing();
  const calls = new Map<string, [name: string, args: string]>();
  const finished = new Map<unknown, unknown>();
  const events = parseSse(stream);
  for (const { data, json } of events.slice(0, -1)) {
    if (json === undefined) throw new Error(`no JSON: ${data}`);
  }
  for (const { json } of events) {
    heard.usage = pick(json, 'usage') ?? heard.usage;
    const choices = pick(json, 'choices');
    if (!Array.isArray(choices)) continue;
    for (const choice of choices) {
      const index = pick(choice, 'index');
      const delta = pick(choice, 'delta');
      heard.text += words(pick(delta, 'content'));
      heard.reasoning += words(pick(delta, 'reasoning_content') ?? pick(delta, 'reasoning'));
      heard.refusal += words(pick(delta, 'refusal'));
      for (const detail of list(pick(delta, 'reasoning_details'))) {
        heard.signatures += words(pick(detail, 'signature'));
        heard.redacted += words(pick(detail, 'data'));
      }
      const legacy = pick(delta, 'function_call');
      const entries =
        legacy === undefined ? list(pick(delta, 'tool_calls')) : [{ index: 0, function: legacy }];
      for (const entry of entries) {
        const key = `${String(index)} ${String(pick(entry, 'index'))}`;
        const call = calls.get(key) ?? ['', ''];
        calls.set(key, call);
        call[0] = words(pick(entry, 'function.name')) || call[0];
        call[1] += words(pick(entry, 'function.arguments'));
      }
      if (!finished.has(index)) finished.set(index, null);
      finished.set(index, pick(choice, 'finish_reason') ?? finished.get(index));
    }
  }
  heard.calls = [...calls.values()].map(([name, args]) => `${name} ${args}`);
  heard.stop = finished.get(0) ?? null;
  const told = events.some(({ json }) => pick(json, 'error') !== undefined);
  heard.clean =
    events.at(-1)?.data === '[DONE]' && !told && [...finished.values()].every((reason) => reason !== null);
  return heard;
}

function hearCohere(stream: string): Heard {
  const heard = nothing();
  const calls: [name: string, args: string][] = [];
  for (const { data, json } of parseSse(stream)) {
    if (data === '[DONE]') continue;
    const message = pick(json, 'delta.message');
    switch (pick(json, 'type')) {
      case 'content-start':
      case 'content-delta':
        heard.text += words(pick(message, 'content.text'));
        heard.reasoning += words(pick(message, 'content.thinking'));
        break;
      case 'tool-plan-delta':
        heard.text += words(pick(message, 'tool_plan'));
        break;
      case 'tool-call-start':
        calls.push([
          words(pick(message, 'tool_calls.function.name')),
          words(pick(message, 'tool_calls.function.arguments')),
        ]);
        break;
      case 'tool-call-delta':
        calls.at(-1)![1] += words(pick(message, 'tool_calls.function.arguments'));
        break;
      case 'message-end':
        heard.stop = pick(json, 'delta.finish_reason');
        heard.usage = pick(json, 'delta.usage');
        heard.clean = heard.stop !== 'ERROR' && heard.stop !== 'TIMEOUT';
    }
  }
  heard.calls = calls.map(([name, args]) => `${name} ${args}`);
  return heard;
}

/** Frames in readable form. */
function hearConverse(stream: string): Heard {
  const heard = nothing();
  const open = new Map<unknown, { name: string; pieces: string }>();
  let started = false;
  let failed = false;
  const events = parseSse(stream);
  for (const { event, json, data } of events) {
    const index = pick(json, 'contentBlockIndex');
    const delta = pick(json, 'delta');
    switch (event) {
      case 'messageStart':
        if (started) throw new Error('a second messageStart');
        started = true;
        break;
      case 'contentBlockStart':
        open.set(index, { name: words(pick(json, 'start.toolUse.name')), pieces: '' });
        break;
      case 'contentBlockDelta': {
        if (!started) throw new Error(`out of order: ${data}`);
        const block = open.get(index) ?? { name: '', pieces: '' };
        open.set(index, block);
        heard.text += words(pick(delta, 'text'));
        heard.reasoning += words(pick(delta, 'reasoningContent.text'));
        heard.signatures += words(pick(delta, 'reasoningContent.signature'));
        heard.redacted += words(pick(delta, 'reasoningContent.redactedContent'));
        block.pieces += words(pick(delta, 'toolUse.input'));
        break;
      }
      case 'contentBlockStop': {
        const block = open.get(index);
        if (block === undefined) throw new Error(`no block: ${data}`);
        open.delete(index);
        if (block.name !== '') heard.calls.push(`${block.name} ${block.pieces || '{}'}`);
        break;
      }
      case 'messageStop':
        heard.stop = pick(json, 'stopReason');
        break;
      case 'metadata':
        heard.usage = pick(json, 'usage');
        break;
      default:
        failed ||= event.startsWith('!');
    }
  }
  heard.clean = heard.stop !== null && heard.usage !== null && !failed && open.size === 0;
  return heard;
}

function hearMessages(stream: string): Heard {
  const heard = nothing();
  const open = new Map<unknown, { type: unknown; name: string; pieces: string; input: unknown }>();
  let started = false;
  let blocks = 0;
  let failed = false;
  const events = parseSse(stream);
  for (const { event, json, data } of events) {
    if (event.startsWith('!')) failed = true;
    // SDKs choose by the name of the event.
    switch (event) {
      case 'message_start':
        if (started) throw new Error('a second message_start');
        started = true;
        heard.usage = pick(json, 'message.usage');
        break;
      case 'content_block_start': {
        const block = pick(json, 'content_block');
        if (!started || pick(json, 'index') !== blocks++) throw new Error(`out of order: ${data}`);
        open.set(pick(json, 'index'), {
          type: pick(block, 'type'),
          name: words(pick(block, 'name')),
          pieces: '',
          input: pick(block, 'input'),
        });
        heard.text += words(pick(block, 'text'));
        heard.redacted += words(pick(block, 'data'));
        break;
      }
      case 'content_block_delta': {
        const block = open.get(pick(json, 'index'));
        if (block === undefined) throw new Error(`no block: ${data}`);
        const delta = pick(json, 'delta');
        if (block.type === 'text') heard.text += words(pick(delta, 'text'));
        if (block.type === 'thinking') heard.reasoning += words(pick(delta, 'thinking'));
        heard.signatures += words(pick(delta, 'signature'));
        block.pieces += words(pick(delta, 'partial_json'));
        break;
      }
      case 'content_block_stop': {
        const block = open.get(pick(json, 'index'));
        if (block === undefined) throw new Error(`no block: ${data}`);
        open.delete(pick(json, 'index'));
        if (block.type === 'tool_use') {
          heard.calls.push(`${block.name} ${block.pieces || JSON.stringify(block.input)}`);
        }
        break;
      }
      case 'message_delta':
        heard.stop = pick(json, 'delta.stop_reason');
        heard.usage = { ...(heard.usage as object), ...(pick(json, 'usage') as object) };
        break;
      case 'error':
        failed = true;
    }
  }
  heard.clean = events.some(({ event }) => event === 'message_stop') && !failed && open.size === 0;
  return heard;
}

function hearGemini(stream: string): Heard {
  const heard = nothing();
  let failed = false;
  const finished = new Map<unknown, unknown>();
  for (const { data, json } of parseSse(stream)) {
    if (json === undefined) throw new Error(`no JSON: ${data}`);
    failed ||= pick(json, 'error') !== undefined;
    heard.usage = pick(json, 'usageMetadata') ?? heard.usage;
    if (pick(json, 'promptFeedback.blockReason') !== undefined) finished.set(0, 'blocked');
    for (const candidate of list(pick(json, 'candidates'))) {
      const index = pick(candidate, 'index') ?? 0;
      for (const part of list(pick(candidate, 'content.parts'))) hearPart(part, heard);
      finished.set(index, pick(candidate, 'finishReason') ?? finished.get(index) ?? null);
    }
  }
  heard.stop = finished.get(0) ?? null;
  heard.clean = !failed && finished.size > 0 && [...finished.values()].every((reason) => reason !== null);
  // What breaks the SDK, which reads up to the last blank line.
  if (stream !== '' && !/(?:\n\n|\r\r|\n\r)\n?$/.test(stream))
    throw new Error('bytes behind the last blank line');
  return heard;
}

function hearPart(part: unknown, heard: Heard): void {
  if (pick(part, 'thought') === true) heard.reasoning += words(pick(part, 'text'));
  else heard.text += words(pick(part, 'text'));
  const signature = words(pick(part, 'thoughtSignature'));
  const bytes = Buffer.from(signature, 'base64').toString();
  if (bytes.startsWith('redacted:')) heard.redacted += bytes.slice('redacted:'.length);
  else heard.signatures += signature;
  const name = pick(part, 'functionCall.name');
  if (name !== undefined)
    heard.calls.push(`${String(name)} ${JSON.stringify(pick(part, 'functionCall.args') ?? {})}`);
}

function hearResponses(stream: string): Heard {
  const heard = nothing();
  const open = new Map<unknown, unknown>();
  let next = 0;
  let failed = false;
  let over = false;
  for (const { event, json, data } of parseSse(stream)) {
    if (over) throw new Error(`behind the end: ${data}`);
    if (event === 'error') {
      failed = true;
      continue;
    }
    if (pick(json, 'type') !== event) throw new Error(`another name: ${data}`);
    const number = pick(json, 'sequence_number');
    if (number !== undefined && number !== next++) throw new Error(`out of order: ${data}`);
    const at = pick(json, 'output_index');
    switch (event) {
      case 'response.output_item.added':
        open.set(at, pick(json, 'item'));
        break;
      case 'response.output_text.delta':
        heard.text += words(pick(json, 'delta'));
        break;
      case 'response.refusal.delta':
        heard.refusal += words(pick(json, 'delta'));
        break;
      case 'response.reasoning_text.delta':
      case 'response.reasoning_summary_text.delta':
        heard.reasoning += words(pick(json, 'delta'));
        break;
      case 'response.output_item.done': {
        if (!open.delete(at)) throw new Error(`no such item: ${data}`);
        const item = pick(json, 'item');
        const proof = words(pick(item, 'encrypted_content'));
        if (list(pick(item, 'summary')).length > 0) heard.signatures += proof;
        else heard.redacted += proof;
        if (pick(item, 'type') === 'function_call')
          heard.calls.push(`${words(pick(item, 'name'))} ${words(pick(item, 'arguments'))}`);
        break;
      }
      case 'response.completed':
      case 'response.incomplete':
        over = true;
        heard.usage = pick(json, 'response.usage');
        heard.stop = pick(json, 'response.incomplete_details.reason') ?? pick(json, 'response.status');
    }
  }
  heard.clean = over && !failed && open.size === 0;
  return heard;
}

function words(value: unknown): string {
  if (typeof value === 'string') return value;
  return list(value)
    .map((part) => words(pick(part, 'text') ?? pick(part, 'thinking')))
    .join('');
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

/** What `heard` lacks of `whole`: a character, however the rest is ordered, or a call. */
export function missing(heard: Heard, whole: Heard): string[] {
  const lacks: string[] = [];
  for (const kind of ['text', 'reasoning', 'refusal', 'signatures', 'redacted'] as const) {
    if (!covers(heard[kind], whole[kind])) lacks.push(kind);
  }
  if (!covers(heard.calls.join(''), whole.calls.join('')) || heard.calls.length < whole.calls.length) {
    lacks.push('calls');
  }
  return lacks;
}

function covers(text: string, whole: string): boolean {
  const left = new Map<string, number>();
  for (const char of text) left.set(char, (left.get(char) ?? 0) + 1);
  for (const char of whole) {
    const count = left.get(char) ?? 0;
    if (count === 0) return false;
    left.set(char, count - 1);
  }
  return true;
}
