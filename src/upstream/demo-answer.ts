// What the demo provider says to a request, as OpenAI would write it. Pure: request and time in, head and pieces out.
import { isSource } from '../contracts/body-source.ts';
import type { UpstreamHeaders, UpstreamRequest } from '../contracts/upstream.ts';

export interface DemoAnswer {
  status: number;
  headers: UpstreamHeaders;
  /** Body in the order and cuts it is sent; never empty. */
  pieces: string[];
}

export interface DemoContext {
  /** Unique part of the answer's id. */
  id: string;
  /** Milliseconds since 1970. */
  now: number;
}

/** As much of the user's text as is given back. */
const ECHO_CHARACTERS = 80;
const MODEL = 'demo';

type Fields = Record<string, unknown>;

/** What is said: text or a call of a tool, and why it ended. */
interface Speech {
  words: string[];
  tool: string | null;
  finish: 'stop' | 'length' | 'tool_calls';
  promptTokens: number;
  completionTokens: number;
}

/** Answers chat requests and model lists; anything else is a 404, an unreadable body a 400. */
export function answerDemo(request: UpstreamRequest, context: DemoContext): DemoAnswer {
  const path = request.path.split('?', 1)[0]!;
  const created = Math.floor(context.now / 1000);
  if (request.method === 'GET' && path === '/models') {
    return json(200, {
      object: 'list',
      data: [{ id: MODEL, object: 'model', created, owned_by: 'headgate' }],
    });
  }
  if (request.method !== 'POST' || path !== '/chat/completions') {
    return refusal(404, `The demo provider has no ${request.method} ${path}.`);
  }
  const body = parse(request.body);
  if (body === null || !Array.isArray(body['messages'])) {
    return refusal(400, 'The demo provider needs a JSON body with messages.');
  }
  const speech = speak(body);
  const base = {
    id: `chatcmpl-${context.id}`,
    created,
    model: typeof body['model'] === 'string' ? body['model'] : MODEL,
  };
  return body['stream'] === true ? streamed(speech, base, wantsUsage(body)) : whole(speech, base);
}

function speak(body: Fields): Speech {
  const messages = (body['messages'] as unknown[]).map(fieldsOf);
  const asked = textOf(messages.findLast(({ role }) => role === 'user')?.['content']);
  const promptTokens = Math.max(
    1,
    Math.ceil(messages.map((one) => textOf(one['content'])).join(' ').length / 4),
  );
  const tool = demandedTool(body);
  if (tool !== null) return { words: [], tool, finish: 'tool_calls', promptTokens, completionTokens: 1 };
  const letters = [...asked.replaceAll(/\s+/g, ' ').trim()];
  const echo = letters.slice(0, ECHO_CHARACTERS).join('') + (letters.length > ECHO_CHARACTERS ? '…' : '');
  const text =
    'This is the demo of Headgate. No model has read your message, the gateway itself answers' +
    (echo === '' ? '. ' : `. You wrote: "${echo}". `) +
    'Set a provider key, such as OPENAI_API_KEY or ANTHROPIC_API_KEY, and start again to reach a real one.';
  const words = text.split(/(?<= )/);
  const limit = limitOf(body);
  const said = words.slice(0, limit);
  const finish = said.length < words.length ? 'length' : 'stop';
  return { words: said, tool: null, finish, promptTokens, completionTokens: said.length };
}

function whole(speech: Speech, base: Fields): DemoAnswer {
  const call = { id: toolCallId(base), type: 'function', function: { name: speech.tool, arguments: '{}' } };
  const message =
    speech.tool === null
      ? { role: 'assistant', content: speech.words.join(''), refusal: null }
      : { role: 'assistant', content: null, refusal: null, tool_calls: [call] };
  const choices = [{ index: 0, message, logprobs: null, finish_reason: speech.finish }];
  return json(200, { ...base, object: 'chat.completion', choices, usage: usageOf(speech) });
}

function streamed(speech: Speech, base: Fields, withUsage: boolean): DemoAnswer {
  const usage = withUsage ? { usage: null } : {};
  const event = (delta: Fields, finish: string | null = null): string => {
    const choices = [{ index: 0, delta, logprobs: null, finish_reason: finish }];
    return sse({ ...base, object: 'chat.completion.chunk', choices, ...usage });
  };
  const content =
    speech.tool === null
      ? [event({ role: 'assistant', content: '' }), ...speech.words.map((word) => event({ content: word }))]
      : [
          event({ role: 'assistant', content: null, tool_calls: [toolCallStart(base, speech.tool)] }),
          event({ tool_calls: [{ index: 0, function: { arguments: '{}' } }] }),
        ];
  const last = withUsage
    ? [sse({ ...base, object: 'chat.completion.chunk', choices: [], usage: usageOf(speech) })]
    : [];
  return {
    status: 200,
    headers: { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' },
    pieces: [...content, event({}, speech.finish), ...last, 'data: [DONE]\n\n'],
  };
}

function toolCallStart(base: Fields, name: string): Fields {
  return { index: 0, id: toolCallId(base), type: 'function', function: { name, arguments: '' } };
}

function toolCallId(base: Fields): string {
  return `call_${String(base['id']).replaceAll('-', '_')}`;
}

function usageOf(speech: Speech): Fields {
  const { promptTokens, completionTokens } = speech;
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
  };
}

/** The function a call of which the request insists on; null when words will do. */
function demandedTool(body: Fields): string | null {
  const tools = Array.isArray(body['tools']) ? body['tools'].map(fieldsOf) : [];
  const names = tools
    .map((tool) => fieldsOf(tool['function'])['name'])
    .filter((name) => typeof name === 'string');
  if (names.length === 0) return null;
  const choice = body['tool_choice'];
  if (choice === 'required') return names[0]!;
  const named = fieldsOf(fieldsOf(choice)['function'])['name'];
  if (typeof named === 'string') return named;
  const allowed = fieldsOf(fieldsOf(choice)['allowed_tools']);
  if (allowed['mode'] !== 'required' || !Array.isArray(allowed['tools'])) return null;
  const first = fieldsOf(fieldsOf(allowed['tools'][0])['function'])['name'];
  return typeof first === 'string' ? first : null;
}

function limitOf(body: Fields): number {
  const limit = body['max_completion_tokens'] ?? body['max_tokens'];
  return typeof limit === 'number' && limit >= 0 ? Math.floor(limit) : Number.POSITIVE_INFINITY;
}

function wantsUsage(body: Fields): boolean {
  return fieldsOf(body['stream_options'])['include_usage'] === true;
}

/** Text of a message's content: a string, or the text parts of a list. */
function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content
    .map((part) => fieldsOf(part)['text'])
    .filter((text) => typeof text === 'string')
    .join(' ');
}

function fieldsOf(value: unknown): Fields {
  // Any object of parsed JSON is a record of unknowns; everything else has no fields.
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

function parse(body: UpstreamRequest['body']): Fields | null {
  // All that it has an answer to comes whole.
  if (isSource(body)) return null;
  try {
    const whole = body === null || Buffer.isBuffer(body) ? body : Buffer.concat(body.pieces());
    const value: unknown = JSON.parse(whole?.toString('utf8') ?? '');
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? fieldsOf(value) : null;
  } catch {
    return null;
  }
}

function sse(value: Fields): string {
  return `data: ${JSON.stringify(value)}\n\n`;
}

function json(status: number, value: Fields): DemoAnswer {
  return { status, headers: { 'content-type': 'application/json' }, pieces: [JSON.stringify(value)] };
}

function refusal(status: number, message: string): DemoAnswer {
  return json(status, { error: { message, type: 'invalid_request_error', param: null, code: null } });
}
