// A body of any of our dialects as turns of a conversation, for reading. What is not understood is left to the raw view.

export interface Turn {
  readonly role: string;
  readonly text: string;
}

type Json = Readonly<Record<string, unknown>>;

/** Empty: it is no conversation that we know. */
export function conversationOf(body: string): Turn[] {
  const whole = parsed(body);
  if (whole !== null) return turnsOf(whole);
  // A stream: its pieces make one turn.
  const text = body
    .split(/\r?\n/)
    .filter((line) => line.startsWith('data:'))
    .map((line) => parsed(line.slice(5).trim()))
    .filter((one) => one !== null)
    .map(pieceOf)
    .join('');
  return text === '' ? [] : [{ role: 'assistant', text }];
}

function turnsOf(body: Json): Turn[] {
  const turns: Turn[] = [];
  const add = (role: unknown, content: unknown): void => {
    const text = textOf(content);
    if (text !== '') turns.push({ role: typeof role === 'string' ? role : 'assistant', text });
  };
  for (const name of ['system', 'instructions', 'systemInstruction', 'system_instruction'])
    add('system', body[name]);
  for (const turn of listOf(body['messages'])) {
    add(turn['role'], turn['content']);
    add('tool call', turn['tool_calls']);
  }
  for (const turn of listOf(body['contents'])) add(turn['role'], turn['parts']);
  if (typeof body['input'] === 'string') add('user', body['input']);
  for (const item of listOf(body['input']))
    add(item['role'] ?? item['type'], item['content'] ?? item['output'] ?? item['text']);
  if (typeof body['prompt'] === 'string') add('user', body['prompt']);
  for (const choice of listOf(body['choices'])) {
    const message = recordOf(choice['message']);
    add('assistant', message?.['content'] ?? choice['text']);
    add('tool call', message?.['tool_calls']);
  }
  if (!Array.isArray(body['messages'])) add(body['role'], body['content']);
  for (const candidate of listOf(body['candidates']))
    add('assistant', recordOf(candidate['content'])?.['parts']);
  for (const item of listOf(body['output']))
    add(item['role'] ?? item['type'], item['content'] ?? item['arguments']);
  add('assistant', recordOf(recordOf(body['output'])?.['message'])?.['content']);
  return turns;
}

/** Texts of a content: a string, parts, or a record that has some. */
function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (Array.isArray(content))
    return content
      .map(textOf)
      .filter((one) => one !== '')
      .join('\n');
  const part = recordOf(content);
  if (part === null) return '';
  if (typeof part['text'] === 'string') return part['text'];
  if (typeof part['thinking'] === 'string') return part['thinking'];
  const call =
    recordOf(part['function']) ??
    recordOf(part['functionCall']) ??
    (part['type'] === 'tool_use' ? part : null);
  if (call !== null)
    return `${String(call['name'])}(${inline(call['arguments'] ?? call['args'] ?? call['input'])})`;
  if (part['parts'] !== undefined) return textOf(part['parts']);
  if (part['content'] !== undefined) return textOf(part['content']);
  return typeof part['type'] === 'string' ? `[${part['type']}]` : '';
}

/** Text that one event of a stream adds. */
function pieceOf(event: Json): string {
  const { type } = event;
  if (type === 'response.output_text.delta' && typeof event['delta'] === 'string') return event['delta'];
  const delta = recordOf(event['delta']);
  if (typeof delta?.['text'] === 'string') return delta['text'];
  const choice = listOf(event['choices'])[0];
  const content = recordOf(choice?.['delta'])?.['content'] ?? choice?.['text'];
  if (typeof content === 'string') return content;
  const candidate = listOf(event['candidates'])[0];
  return candidate === undefined ? '' : textOf(recordOf(candidate['content'])?.['parts']);
}

function inline(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}

function parsed(text: string): Json | null {
  try {
    return recordOf(JSON.parse(text));
  } catch {
    return null;
  }
}

function recordOf(value: unknown): Json | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Json) // an object is a record of unknown values
    : null;
}

function listOf(value: unknown): Json[] {
  return Array.isArray(value) ? value.map(recordOf).filter((one) => one !== null) : [];
}
