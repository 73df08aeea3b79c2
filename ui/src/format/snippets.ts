// A call as lines to copy: curl, Python, TypeScript. Texts are written as literals of each language, whatever is in them.

export interface Snippet {
  readonly language: string;
  readonly text: string;
}

export interface SnippetCall {
  readonly origin: string;
  readonly key: string;
  readonly model: string;
  readonly prompt: string;
  readonly stream?: boolean;
  /** Body to send as it is, instead of a prompt. */
  readonly body?: unknown;
  readonly path?: string;
}

export function callSnippets(call: SnippetCall): Snippet[] {
  const { origin, key, path = '/v1/chat/completions' } = call;
  const body = call.body ?? {
    model: call.model,
    messages: [{ role: 'user', content: call.prompt }],
    ...(call.stream === true ? { stream: true } : {}),
  };
  const json = JSON.stringify(body, null, 2);
  const curl = [
    `curl ${shell(`${origin}${path}`)}`,
    `  -H ${shell(`authorization: Bearer ${key}`)}`,
    `  -H 'content-type: application/json'`,
    `  -d ${shell(json)}`,
  ].join(' \\\n');
  return [
    { language: 'curl', text: curl },
    { language: 'Python', text: python(call, body) },
    { language: 'TypeScript', text: typescript(call, body) },
  ];
}

function python({ origin, key, path, stream }: SnippetCall, body: unknown): string {
  if (path !== undefined)
    return [
      'import httpx',
      '',
      `answer = httpx.post(${JSON.stringify(origin + path)},`,
      `    headers={"authorization": ${JSON.stringify(`Bearer ${key}`)}},`,
      `    content=${JSON.stringify(JSON.stringify(body))}, timeout=600)`,
      'print(answer.text)',
    ].join('\n');
  return [
    'from openai import OpenAI',
    '',
    `client = OpenAI(base_url=${JSON.stringify(`${origin}/v1`)}, api_key=${JSON.stringify(key)})`,
    `answer = client.chat.completions.create(**${pythonValue(body, '')})`,
    ...(stream === true
      ? ['for chunk in answer:', '    print(chunk.choices[0].delta.content or "", end="", flush=True)']
      : ['print(answer.choices[0].message.content)']),
  ].join('\n');
}

function typescript({ origin, key, path, stream }: SnippetCall, body: unknown): string {
  const json = JSON.stringify(body, null, 2);
  if (path !== undefined)
    return [
      `const answer = await fetch(${JSON.stringify(origin + path)}, {`,
      `  method: 'POST',`,
      `  headers: { authorization: ${JSON.stringify(`Bearer ${key}`)}, 'content-type': 'application/json' },`,
      `  body: JSON.stringify(${json.replaceAll('\n', '\n  ')}),`,
      '});',
      'console.log(await answer.text());',
    ].join('\n');
  return [
    `import OpenAI from 'openai';`,
    '',
    `const client = new OpenAI({ baseURL: ${JSON.stringify(`${origin}/v1`)}, apiKey: ${JSON.stringify(key)} });`,
    `const answer = await client.chat.completions.create(${json});`,
    ...(stream === true
      ? [`for await (const chunk of answer) process.stdout.write(chunk.choices[0]?.delta?.content ?? '');`]
      : ['console.log(answer.choices[0].message.content);']),
  ].join('\n');
}

/** In single quotes, where a quote ends them, stands escaped and begins them again. */
function shell(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** JSON as Python writes it. */
function pythonValue(value: unknown, indent: string): string {
  if (value === null || value === undefined) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value !== 'object') return JSON.stringify(value);
  const deeper = `${indent}    `;
  const entries = Array.isArray(value)
    ? value.map((one) => pythonValue(one, deeper))
    : Object.entries(value).map(([name, one]) => `${JSON.stringify(name)}: ${pythonValue(one, deeper)}`);
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}'];
  if (entries.length === 0) return open + close;
  return `${open}\n${entries.map((one) => `${deeper}${one},`).join('\n')}\n${indent}${close}`;
}
