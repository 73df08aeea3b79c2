// What was asked and said, as the GenAI conventions have it in spans: messages of parts. Read out of bodies of any dialect by the
// shapes they share; what is not known is left as the text it is. Only for calls whose bodies are kept, and only by opt-in.

export interface SpanContent {
  /** `gen_ai.input.messages`, JSON; '' = none. */
  readonly input: string;
  readonly output: string;
  /** `gen_ai.system_instructions`. */
  readonly system: string;
}

interface Message {
  readonly role: string;
  readonly parts: readonly object[];
}

type Fields = Readonly<Record<string, unknown>>;
const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const text = (content: string): object => ({ type: 'text', content });

/** @param request as the client wrote it @param answer as it got it, keys taken out of both */
export function spanContent(request: string | null, answer: string | null): SpanContent {
  const asked = request === null ? null : parsed(request);
  return {
    input: request === null ? '' : JSON.stringify(isFields(asked) ? inputOf(asked) : raw('user', request)),
    system: isFields(asked) ? systemOf(asked) : '',
    output: answer === null ? '' : JSON.stringify(outputOf(answer)),
  };
}

function inputOf(body: Fields): Message[] {
  const { messages, input, contents, prompt } = body;
  for (const list of [messages, input, contents])
    if (Array.isArray(list)) return list.flatMap((one) => messageOf(one, 'user'));
  const said = [input, prompt].find((one) => typeof one === 'string');
  return typeof said === 'string' ? raw('user', said) : [];
}

function systemOf(body: Fields): string {
  const stated = body['instructions'] ?? body['system'] ?? body['systemInstruction'];
  const parts = partsOf(isFields(stated) ? stated['parts'] : stated);
  return parts.length === 0 ? '' : JSON.stringify(parts);
}

function outputOf(answer: string): Message[] {
  const body = parsed(answer);
  if (isFields(body)) {
    for (const list of [body['choices'], body['candidates'], body['output']])
      if (Array.isArray(list)) return list.flatMap((one) => messageOf(answerOf(one), 'assistant'));
    const message = isFields(body['output']) ? body['output']['message'] : (body['message'] ?? body);
    const found = messageOf(message, 'assistant');
    if (found.some(({ parts }) => parts.length > 0)) return found;
  }
  const streamed = streamedText(answer);
  return raw('assistant', streamed === '' ? answer : streamed);
}

/** A choice, a candidate, or an item as it is. */
function answerOf(one: unknown): unknown {
  if (!isFields(one)) return one;
  return [one['message'], one['content']].find(isFields) ?? one;
}

/** Of each event of a stream what it adds to the text. */
function streamedText(answer: string): string {
  let said = '';
  for (const [, data] of answer.matchAll(/^data: ?(\{.*\})\s*$/gm)) {
    const event = parsed(data!);
    if (!isFields(event)) continue;
    const { delta } = event;
    if (typeof delta === 'string' && event['type'] === 'response.output_text.delta') said += delta;
    else if (isFields(delta) && typeof delta['text'] === 'string') said += delta['text'];
    for (const choice of listOf(event['choices'])) {
      const added = isFields(choice) ? choice['delta'] : null;
      if (isFields(added) && typeof added['content'] === 'string') said += added['content'];
    }
    for (const candidate of listOf(event['candidates'])) {
      const content = isFields(candidate) ? candidate['content'] : null;
      for (const part of listOf(isFields(content) ? content['parts'] : null))
        if (isFields(part) && typeof part['text'] === 'string') said += part['text'];
    }
  }
  return said;
}

function messageOf(value: unknown, role: string): Message[] {
  if (typeof value === 'string') return raw(role, value);
  if (!isFields(value)) return [];
  const parts = [
    ...partsOf(value['content'] ?? value['parts']),
    ...listOf(value['tool_calls']).flatMap(partOf),
    ...(typeof value['type'] === 'string' && value['content'] === undefined ? partOf(value) : []),
  ];
  return [{ role: typeof value['role'] === 'string' ? value['role'] : role, parts }];
}

function partsOf(content: unknown): object[] {
  if (typeof content === 'string') return [text(content)];
  return listOf(content).flatMap(partOf);
}

function partOf(value: unknown): object[] {
  if (typeof value === 'string') return [text(value)];
  if (!isFields(value)) return [];
  if (typeof value['text'] === 'string') return [text(value['text'])];
  const call = value['function'] ?? value['functionCall'] ?? value['toolUse'] ?? value;
  if (isFields(call) && typeof call['name'] === 'string')
    return [
      {
        type: 'tool_call',
        id: value['id'] ?? value['call_id'] ?? null,
        name: call['name'],
        arguments: call['arguments'] ?? call['input'] ?? call['args'] ?? null,
      },
    ];
  // Pictures, sound and what is to come: named, not sent.
  return [{ type: typeof value['type'] === 'string' ? value['type'] : 'other' }];
}

const raw = (role: string, content: string): Message[] => [{ role, parts: [text(content)] }];

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}
