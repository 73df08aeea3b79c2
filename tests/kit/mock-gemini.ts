// The Gemini half of the mock provider (wire.md section 4).
import { pick } from './json.ts';
import type { MockDialect, MockFault, WireEvent } from './mock-dialect.ts';
import { chanceOf, type Plan } from './mock-script.ts';

/** What the model of a request path is called, and what is asked of it; null for any other path. */
export function geminiPath(path: string): { model: string; verb: string } | null {
  const found = /^\/(?:v1|v1beta|v1beta1)\/(?:models\/)?(.+):(\w+)$/.exec(decodeURIComponent(path));
  return found === null ? null : { model: found[1]!, verb: found[2]! };
}

const words = { end: 'STOP', length: 'MAX_TOKENS', tools: 'STOP', stop_sequence: 'STOP' } as const;

function usageOf(plan: Plan, said = Number.POSITIVE_INFINITY): string {
  if (plan.usage === null) return '';
  const { input, cacheRead, output, reasoning } = plan.usage;
  const candidates = Math.min(output - reasoning, said);
  const usage = {
    promptTokenCount: input,
    ...(candidates > 0 ? { candidatesTokenCount: candidates } : {}),
    totalTokenCount: input + candidates + reasoning,
    ...(cacheRead > 0 ? { cachedContentTokenCount: cacheRead } : {}),
    promptTokensDetails: [{ modality: 'TEXT', tokenCount: input }],
    ...(reasoning > 0 ? { thoughtsTokenCount: reasoning } : {}),
  };
  return `,"usageMetadata":${JSON.stringify(usage)}`;
}

function names(plan: Plan): string {
  return `,"modelVersion":${JSON.stringify(plan.model)},"responseId":"resp_mock${plan.serial}"}`;
}

/** Arguments are written as text so that numbers stay as the plan has them. Only the first call of a step is signed. */
function callPart(plan: Plan, at: number): string {
  const { id, name, pieces } = plan.tools[at]!;
  const call = `"functionCall":{"id":${JSON.stringify(id)},"name":${JSON.stringify(name)},"args":${pieces.join('') || '{}'}}`;
  const signature = at === 0 && plan.signature !== null ? `,"thoughtSignature":"${plan.signature}"` : '';
  return `{${call}${signature}}`;
}

const textPart = (text: string): string => `{"text":${JSON.stringify(text)}}`;
const thought = (text: string): string => `{"text":${JSON.stringify(text)},"thought":true}`;

/** `logprobsResult` of pieces from number `from` on. */
function odds(plan: Plan, pieces: readonly string[], from: number): string {
  if (!plan.odds || pieces.length === 0) return '';
  const chosenCandidates = pieces.map((token, at) => ({ token, logProbability: chanceOf(from + at) }));
  return `,"logprobsResult":${JSON.stringify({ chosenCandidates })}`;
}

/** The candidates of a message, all alike. */
function candidates(plan: Plan, parts: readonly string[], finish: string | null, more = ''): string {
  return Array.from({ length: plan.choices }, (_, index) => candidate(parts, finish, more, index)).join(',');
}

function candidate(parts: readonly string[], finish: string | null, more = '', index = 0): string {
  const content = `{"parts":[${parts.join(',')}],"role":"model"}`;
  return `{"content":${content}${finish === null ? '' : `,"finishReason":"${finish}"`}${more},"index":${index}}`;
}

function answer(plan: Plan): string {
  const parts: string[] = [];
  if (plan.reasoning.length > 0) parts.push(thought(plan.reasoning.join('')));
  if (plan.text.length > 0) {
    const text = textPart(plan.text.join(''));
    const signed = plan.signature !== null && plan.tools.length === 0;
    parts.push(signed ? `${text.slice(0, -1)},"thoughtSignature":"${plan.signature}"}` : text);
  }
  for (const [at] of plan.tools.entries()) parts.push(callPart(plan, at));
  const finish = plan.finishAs ?? words[plan.finish];
  return `{"candidates":[${candidates(plan, parts, finish, odds(plan, plan.text, 0))}]${usageOf(plan)}${names(plan)}`;
}

function events(plan: Plan): WireEvent[] {
  const list: WireEvent[] = [];
  const add = (
    parts: readonly string[],
    said: number,
    finish: string | null,
    part: WireEvent['part'],
    more = '',
  ): void => {
    const data = `{"candidates":[${candidates(plan, parts, finish, more)}]${usageOf(plan, said)}${names(plan)}`;
    list.push({ text: `data: ${data}\n\n`, content: part === 'body', part });
  };
  let said = 0;
  for (const piece of plan.reasoning) add([thought(piece)], 0, null, 'body');
  for (const piece of plan.text) add([textPart(piece)], ++said, null, 'body', odds(plan, [piece], said - 1));
  for (const [at] of plan.tools.entries()) add([callPart(plan, at)], (said += 5), null, 'body');
  const last =
    plan.signature !== null && plan.tools.length === 0
      ? `{"text":"","thoughtSignature":"${plan.signature}"}`
      : textPart('');
  add([last], said, plan.finishAs ?? words[plan.finish], 'finish');
  return list;
}

const kinds: Record<number, string> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  409: 'ABORTED',
  429: 'RESOURCE_EXHAUSTED',
  503: 'UNAVAILABLE',
  504: 'DEADLINE_EXCEEDED',
};

function errorText(fault: MockFault): string {
  const status = fault.type ?? kinds[fault.status] ?? 'INTERNAL';
  const info = {
    '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
    reason: fault.code,
    domain: 'googleapis.com',
  };
  return JSON.stringify({
    error: {
      code: fault.status,
      message: fault.message,
      status,
      ...(fault.code === null ? {} : { details: [info] }),
    },
  });
}

const TOP = [
  'contents',
  'systemInstruction',
  'tools',
  'toolConfig',
  'safetySettings',
  'generationConfig',
  'cachedContent',
  'model',
];
const CONFIG = [
  'temperature',
  'topP',
  'topK',
  'candidateCount',
  'maxOutputTokens',
  'stopSequences',
  'presencePenalty',
  'frequencyPenalty',
  'seed',
  'responseLogprobs',
  'logprobs',
  'responseMimeType',
  'responseSchema',
  'responseJsonSchema',
  'responseModalities',
  'thinkingConfig',
  'mediaResolution',
];
const PART = [
  'text',
  'thought',
  'thoughtSignature',
  'inlineData',
  'fileData',
  'functionCall',
  'functionResponse',
];
const DATA = ['text', 'inlineData', 'fileData', 'functionCall', 'functionResponse'];

const camel = (key: string): string => key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
const keysOf = (value: unknown): string[] =>
  typeof value === 'object' && value !== null ? Object.keys(value).map(camel) : [];

function unknownIn(value: unknown, known: readonly string[], where: string): string[] {
  return keysOf(value)
    .filter((key) => !known.includes(key))
    .map((key) => `Invalid JSON payload received. Unknown name "${key}"${where}: Cannot find field.`);
}

/** A member under either of its names. */
function member(value: unknown, name: string): unknown {
  return (
    pick(value, name) ??
    pick(
      value,
      name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
    )
  );
}

function checkPart(part: unknown, role: unknown, where: string): string[] {
  const wrong = unknownIn(part, PART, ` at '${where}'`);
  const data = DATA.filter((name) => member(part, name) !== undefined);
  if (data.length !== 1)
    wrong.push(`${where}.data: required oneof field 'data' must have one initialized field`);
  for (const name of ['inlineData', 'fileData']) {
    const media = member(part, name);
    if (media !== undefined && typeof member(media, 'mimeType') !== 'string')
      wrong.push(`${where}: no mimeType`);
  }
  const call = member(part, 'functionCall');
  if (call !== undefined && role !== 'model') wrong.push(`${where}: function call outside a model turn`);
  if (call !== undefined && Array.isArray(pick(call, 'args'))) wrong.push(`${where}: args is no object`);
  const response = pick(member(part, 'functionResponse'), 'response');
  if (response !== undefined && (typeof response !== 'object' || Array.isArray(response)))
    wrong.push(`${where}: Proto field is not repeating, response must be an object`);
  return wrong;
}

/** Gemini 3 refuses a step whose first call has no signature. */
function checkSignature(parts: readonly unknown[], where: string): string[] {
  const first = parts.find((part) => member(part, 'functionCall') !== undefined);
  if (first === undefined || typeof member(first, 'thoughtSignature') === 'string') return [];
  return [`Function call is missing a thought_signature in functionCall parts, at ${where}.`];
}

function check(body: unknown, _headers: Record<string, string>, model = ''): string[] {
  const wrong = unknownIn(body, TOP, '');
  wrong.push(...unknownIn(member(body, 'generationConfig'), CONFIG, " at 'generation_config'"));
  const contents = pick(body, 'contents');
  if (!Array.isArray(contents) || contents.length === 0)
    return [...wrong, '* GenerateContentRequest.contents: contents is not specified'];
  let calls: string[] = [];
  contents.forEach((content, at) => {
    const where = `contents[${at}]`;
    const role = pick(content, 'role');
    if (role !== undefined && role !== 'user' && role !== 'model')
      wrong.push('Please use a valid role: user, model.');
    const parts = pick(content, 'parts');
    if (!Array.isArray(parts) || parts.length === 0) {
      wrong.push(`* GenerateContentRequest.${where}.parts: contents.parts must not be empty.`);
      return;
    }
    for (const [index, part] of parts.entries())
      wrong.push(...checkPart(part, role, `${where}.parts[${index}]`));
    const answers = parts.flatMap((part) => {
      const result = member(part, 'functionResponse');
      return result === undefined ? [] : [String(pick(result, 'name'))];
    });
    if (answers.join() !== calls.join() && (answers.length > 0 || calls.length > 0))
      wrong.push(
        'Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.',
      );
    calls = parts.flatMap((part) => {
      const call = member(part, 'functionCall');
      return call === undefined ? [] : [String(pick(call, 'name'))];
    });
    if (role === 'model' && model.includes('gemini-3')) wrong.push(...checkSignature(parts, where));
  });
  return wrong;
}

export const mockGemini: MockDialect = {
  name: 'gemini',
  headers: () => ({ server: 'scaffolding on HTTPServer2', 'server-timing': 'gfet4t7; dur=12' }),
  answer,
  events,
  error: errorText,
  errorEvent: (fault) => `data: ${errorText(fault)}\n\n`,
  filler: (_, bytes) => `data: {"candidates":[${candidate([textPart('x'.repeat(bytes))], null)}]}\n\n`,
  exoticAnswer:
    '{ "x_first" :\t{"big":12345678901234567890,"f":1.0,"e":1e3,"empty":{},"none":null},\r\n "candidates":[{"finishReason":"STOP","content":' +
    '{"role":"model","parts":[{"text":"caf\\u00e9 \\ud83d\\ude00 \\/ é 😀","x_odd":0}]},"avgLogprobs":-0.10,"index":0}],' +
    '"modelVersion":"m\\u00f6del","responseId":"resp_exotic","usageMetadata":{"totalTokenCount":19,"candidatesTokenCount":7,"promptTokenCount":12}}\n',
  exoticStream: [
    'data:{"x_big":12345678901234567890,"candidates":[{"index":0,"content":{"role":"model","parts":[{"text":"caf\\u00e9 \\/ é 😀"}]}}],"modelVersion":"m","responseId":"resp_exotic"}\n\n',
    ': a comment\n\n',
    'id: 9\ndata: {"candidates": [{"content": {"parts": [{"x_future": {"n": 1e3}}],"role": "model"},"index": 0}]}\n\n',
    'data: {"usageMetadata": {"promptTokenCount": 12,"candidatesTokenCount": 3,"totalTokenCount": 15},"candidates": [{"content": {"parts": [{"text": "!"}],"role": "model"},\ndata: "finishReason": "STOP","index": 0}]}\n\n',
  ].join(''),
  check,
};
