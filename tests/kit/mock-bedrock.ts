// The Bedrock half of the mock provider (wire.md section 5): Converse, and Claude's Messages invoked in their own format. As
// strict as AWS: unknown members, wrong shapes and wrong signatures are refused as it words them. Frames are made here by
// hand, so that the gateway's own writer is not what reads itself.
import { createHash, createHmac } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { SignatureV4 } from '@smithy/signature-v4';
import { pick } from './json.ts';
import { mockAnthropic } from './mock-anthropic.ts';
import type { MockDialect, MockFault, WireEvent } from './mock-dialect.ts';
import type { MockRequest } from './mock-exchange.ts';
import type { Plan } from './mock-script.ts';

/** The key pair whose signatures the mock takes. */
export const awsPair = {
  accessKeyId: 'AKIAMOCKMOCKMOCKMOCK',
  secretAccessKey: 'mock/secret+key/0123456789ABCDEFGHIJKLMN',
};
export const AWS_REGION = 'eu-west-1';

const words = {
  end: 'end_turn',
  length: 'max_tokens',
  tools: 'tool_use',
  stop_sequence: 'stop_sequence',
} as const;

function header(name: string, value: string): Buffer {
  const head = Buffer.from([name.length, ...Buffer.from(name), 7, value.length >> 8, value.length & 255]);
  return Buffer.concat([head, Buffer.from(value)]);
}

/** A frame, as Latin-1 text. */
export function frame(kind: 'event' | 'exception', type: string, payload: unknown): string {
  const headers = Buffer.concat([
    header(`:${kind}-type`, type),
    header(':content-type', 'application/json'),
    header(':message-type', kind),
  ]);
  const body = Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload));
  const bytes = Buffer.alloc(16 + headers.length + body.length);
  bytes.writeUInt32BE(bytes.length, 0);
  bytes.writeUInt32BE(headers.length, 4);
  bytes.writeUInt32BE(crc32(bytes.subarray(0, 8)), 8);
  headers.copy(bytes, 12);
  body.copy(bytes, 12 + headers.length);
  bytes.writeUInt32BE(crc32(bytes.subarray(0, -4)), bytes.length - 4);
  return bytes.toString('latin1');
}

function usageOf(plan: Plan): object {
  const { input, cacheRead, cacheWrite, output } = plan.usage!;
  return {
    inputTokens: input - cacheRead - cacheWrite,
    outputTokens: output,
    totalTokens: input + output,
    cacheReadInputTokens: cacheRead,
    cacheWriteInputTokens: cacheWrite,
    ...(cacheWrite === 0 ? {} : { cacheDetails: [{ ttl: '5m', inputTokens: cacheWrite }] }),
  };
}

const toolId = (id: string): string => id.replace('call_', 'tooluse_');

function answer(plan: Plan): string {
  const content: string[] = [];
  if (plan.reasoning.length > 0) {
    const reasoningText = { text: plan.reasoning.join(''), signature: plan.signature };
    content.push(JSON.stringify({ reasoningContent: { reasoningText } }));
  }
  if (plan.redacted !== null)
    content.push(JSON.stringify({ reasoningContent: { redactedContent: plan.redacted } }));
  if (plan.text.length > 0) content.push(JSON.stringify({ text: plan.text.join('') }));
  for (const tool of plan.tools)
    content.push(
      `{"toolUse":{"toolUseId":"${toolId(tool.id)}","name":"${tool.name}","input":${tool.pieces.join('')}}}`,
    );
  const usage = plan.usage === null ? '' : `,"usage":${JSON.stringify(usageOf(plan))}`;
  return `{"output":{"message":{"role":"assistant","content":[${content.join(',')}]}},"stopReason":${JSON.stringify(plan.finishAs ?? words[plan.finish])}${usage},"metrics":{"latencyMs":7}}`;
}

const PADDING = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

function events(plan: Plan): WireEvent[] {
  const list: WireEvent[] = [];
  const add = (
    type: string,
    payload: object,
    content: boolean,
    part: WireEvent['part'] = content ? 'body' : 'open',
  ): void => {
    // Of a length of its own, so that nobody learns a token by it.
    const p = PADDING.slice(0, (list.length * 7) % PADDING.length);
    list.push({ text: frame('event', type, { ...payload, p }), content, part });
  };
  add('messageStart', { role: 'assistant' }, false);
  let contentBlockIndex = 0;
  const block = (deltas: object[], start?: object): void => {
    if (start !== undefined) add('contentBlockStart', { contentBlockIndex, start }, deltas.length === 0);
    for (const delta of deltas) add('contentBlockDelta', { contentBlockIndex, delta }, true);
    add('contentBlockStop', { contentBlockIndex }, false);
    contentBlockIndex++;
  };
  if (plan.reasoning.length > 0)
    block([
      ...plan.reasoning.map((text) => ({ reasoningContent: { text } })),
      { reasoningContent: { signature: plan.signature } },
    ]);
  if (plan.redacted !== null) block([{ reasoningContent: { redactedContent: plan.redacted } }]);
  if (plan.text.length > 0) block(plan.text.map((text) => ({ text })));
  for (const tool of plan.tools)
    block(
      tool.pieces.map((input) => ({ toolUse: { input } })),
      { toolUse: { toolUseId: toolId(tool.id), name: tool.name } },
    );
  add('messageStop', { stopReason: plan.finishAs ?? words[plan.finish] }, false, 'finish');
  const usage = plan.usage === null ? {} : { usage: usageOf(plan) };
  add('metadata', { ...usage, metrics: { latencyMs: 7 } }, false, 'done');
  return list;
}

const kinds: Record<number, string> = {
  400: 'ValidationException',
  401: 'AccessDeniedException',
  403: 'AccessDeniedException',
  404: 'ResourceNotFoundException',
  408: 'ModelTimeoutException',
  424: 'ModelErrorException',
  429: 'ThrottlingException',
  500: 'InternalServerException',
  503: 'ServiceUnavailableException',
};

const typeOf = ({ type, status }: MockFault): string => type ?? kinds[status] ?? 'InternalServerException';

function exception(fault: MockFault): string {
  const type = typeOf(fault);
  return frame('exception', type.charAt(0).toLowerCase() + type.slice(1), { message: fault.message });
}

// -- requests

const TOP = new Set([
  'messages',
  'system',
  'inferenceConfig',
  'toolConfig',
  'guardrailConfig',
  'additionalModelRequestFields',
  'promptVariables',
  'additionalModelResponseFieldPaths',
  'requestMetadata',
  'performanceConfig',
  'serviceTier',
  'outputConfig',
]);
const BLOCKS = new Set([
  'text',
  'image',
  'document',
  'video',
  'audio',
  'toolUse',
  'toolResult',
  'reasoningContent',
  'cachePoint',
  'guardContent',
  'citationsContent',
  'searchResult',
]);

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const keysOf = (value: unknown): string[] => Object.keys((value ?? {}) as object);

function checkBlock(block: unknown, at: string, wrong: string[]): void {
  const keys = keysOf(block);
  if (keys.length !== 1 || !BLOCKS.has(keys[0]!)) wrong.push(`${at}: not a content block (${keys.join()})`);
  if (pick(block, 'text') !== undefined && String(pick(block, 'text')).trim() === '')
    wrong.push(`The text field in the ContentBlock object at ${at} is blank.`);
  for (const kind of ['image', 'document', 'video', 'audio']) {
    const media = pick(block, kind);
    if (media === undefined) continue;
    const bytes = pick(media, 'source.bytes');
    if (typeof bytes !== 'string' || !/^[A-Za-z0-9+/]+={0,2}$/.test(bytes) || bytes.length % 4 !== 0)
      wrong.push(`${at}.${kind}.source.bytes: not base64`);
    if (typeof pick(media, 'format') !== 'string') wrong.push(`${at}.${kind}.format: required`);
  }
  const name = pick(block, 'document.name');
  if (name !== undefined && !/^(?!.*\s\s)[A-Za-z0-9\s\-()[\]]{1,200}$/.test(String(name)))
    wrong.push(`${at}.document.name: the name '${String(name)}' is not allowed`);
  const input = pick(block, 'toolUse.input');
  if (pick(block, 'toolUse') !== undefined && (typeof input !== 'object' || input === null))
    wrong.push(`${at}.toolUse.input: must be an object`);
  const id = pick(block, 'toolUse.toolUseId') ?? pick(block, 'toolResult.toolUseId');
  if (id !== undefined && !/^[a-zA-Z0-9_-]{1,64}$/.test(String(id)))
    wrong.push(`${at}: toolUseId '${String(id)}'`);
  for (const inner of listOf(pick(block, 'toolResult.content'))) {
    const kind = keysOf(inner).join();
    if (!['text', 'json', 'image', 'document', 'video', 'searchResult'].includes(kind))
      wrong.push(`${at}.toolResult.content: ${kind}`);
  }
  if (pick(block, 'toolResult') !== undefined && listOf(pick(block, 'toolResult.content')).length === 0)
    wrong.push(`${at}.toolResult.content: must not be empty`);
}

function checkMessages(body: unknown, wrong: string[]): void {
  const messages = listOf(pick(body, 'messages'));
  if (messages.length === 0) wrong.push('messages: required');
  let open = new Set<string>();
  let tools = false;
  messages.forEach((message, index) => {
    const at = `messages.${index}`;
    const role = pick(message, 'role');
    if (role !== (index % 2 === 0 ? 'user' : 'assistant'))
      wrong.push(`${at}: A conversation must alternate between user and assistant roles.`);
    const content = pick(message, 'content');
    if (!Array.isArray(content) || content.length === 0)
      wrong.push(`${at}.content: must be a list that is not empty`);
    const blocks = listOf(content);
    const names = new Set<unknown>();
    const calls = new Set<string>();
    for (const [place, block] of blocks.entries()) {
      checkBlock(block, `${at}.content.${place}`, wrong);
      const id = pick(block, 'toolUse.toolUseId');
      const answered = pick(block, 'toolResult.toolUseId');
      tools ||= id !== undefined || answered !== undefined;
      if (id !== undefined) calls.add(String(id));
      if (answered !== undefined && !open.delete(String(answered)))
        wrong.push(`${at}: unexpected toolResult`);
      const name = pick(block, 'document.name');
      if (name !== undefined && names.size === names.add(name).size) wrong.push(`${at}: document name twice`);
      if (name !== undefined && !blocks.some((other) => pick(other, 'text') !== undefined))
        wrong.push(`${at}: a document needs a text block beside it`);
    }
    if (open.size > 0)
      wrong.push(`${at}: Expected toolResult blocks for the following Ids: ${[...open].join()}`);
    open = calls;
  });
  const config = pick(body, 'toolConfig');
  if (tools && config === undefined)
    wrong.push('The toolConfig field must be defined when using toolUse and toolResult content blocks.');
  if (config === undefined) return;
  if (listOf(pick(config, 'tools')).length === 0) wrong.push('toolConfig.tools: required');
  for (const tool of listOf(pick(config, 'tools'))) {
    const spec = pick(tool, 'toolSpec');
    if (spec === undefined) continue;
    if (!/^[a-zA-Z0-9_-]{1,64}$/.test(String(pick(spec, 'name')))) wrong.push('toolSpec.name');
    if (pick(spec, 'inputSchema.json.type') !== 'object')
      wrong.push('toolSpec.inputSchema.json.type must be one of the following: object.');
    if (pick(spec, 'description') === '') wrong.push('toolSpec.description: too short');
  }
  const choice = keysOf(pick(config, 'toolChoice'));
  if (choice.length > 1 || choice.some((kind) => !['auto', 'any', 'tool'].includes(kind)))
    wrong.push(`toolChoice: ${choice.join()}`);
}

function check(body: unknown): string[] {
  const wrong: string[] = [];
  for (const key of keysOf(body)) if (!TOP.has(key)) wrong.push(`extraneous key [${key}] is not permitted`);
  for (const key of keysOf(pick(body, 'inferenceConfig')))
    if (!['maxTokens', 'temperature', 'topP', 'stopSequences'].includes(key))
      wrong.push(`inferenceConfig.${key}`);
  for (const [index, block] of listOf(pick(body, 'system')).entries()) {
    const kind = keysOf(block).join();
    if (!['text', 'cachePoint', 'guardContent'].includes(kind)) wrong.push(`system.${index}: ${kind}`);
    if (kind === 'text') checkBlock(block, `system.${index}`, wrong);
  }
  const format = pick(body, 'outputConfig.textFormat');
  if (format !== undefined && typeof pick(format, 'structure.jsonSchema.schema') !== 'string')
    wrong.push('outputConfig.textFormat.structure.jsonSchema.schema: must be a string');
  checkMessages(body, wrong);
  return wrong;
}

const common = {
  binary: true,
  contentType: 'application/vnd.amazon.eventstream',
  headers: (serial: number) => ({ 'x-amzn-requestid': `00000000-mock-${serial}` }),
  errorHeaders: (fault: MockFault) => ({
    'x-amzn-errortype': `${typeOf(fault)}:http://internal.amazon.com/`,
  }),
  error: (fault: MockFault) => JSON.stringify({ message: fault.message }),
  errorEvent: exception,
};

export const mockBedrock: MockDialect = {
  ...common,
  name: 'bedrock',
  answer,
  events,
  filler: (_, bytes) =>
    frame('event', 'contentBlockDelta', { contentBlockIndex: 0, delta: { text: 'x'.repeat(bytes) } }),
  exoticAnswer:
    '{ "x_first" :\t{"big":12345678901234567890,"f":1.0,"e":1e3},\r\n "output":{"message":{"content":[{"text":"caf\\u00e9 \\/ é 😀","x_odd":0}],"role":"assistant"}},' +
    '"stopReason":"end_turn","usage":{"outputTokens":7,"inputTokens":12,"totalTokens":19,"x_cost":0.0001000},"metrics":{"latencyMs":1.0}}\n',
  exoticStream: [
    frame('event', 'messageStart', '{ "role":"assistant", "x_big":12345678901234567890,"p":"ab"}'),
    frame(
      'event',
      'contentBlockDelta',
      '{"p":"abc","delta":{"text":"caf\\u00e9 \\/ é 😀"},"contentBlockIndex":0}',
    ),
    frame('event', 'xFutureEvent', '{"n":1e3}'),
    frame('event', 'contentBlockStop', '{"contentBlockIndex":0}'),
    frame('event', 'messageStop', '{"stopReason":"end_turn"}'),
    frame('event', 'metadata', '{"metrics":{"latencyMs":1.0},"usage":{"outputTokens":3,"inputTokens":12}}'),
  ].join(''),
  check,
};

// -- invoke

const chunk = (event: string): string =>
  frame('event', 'chunk', { bytes: Buffer.from(event).toString('base64'), p: 'abc' });
/** The JSON of an event as Anthropic's own API sends it. */
const jsonOf = (event: string): string => event.slice(event.indexOf('data: ') + 6).trimEnd();

export const mockBedrockInvoke: MockDialect = {
  ...mockAnthropic,
  ...common,
  events: (plan, options) =>
    mockAnthropic.events(plan, options).map((event) => ({ ...event, text: chunk(jsonOf(event.text)) })),
  filler: (model, bytes) => chunk(jsonOf(mockAnthropic.filler(model, bytes))),
  exoticStream: mockAnthropic.exoticStream
    .split('\n\n')
    .filter((event) => event !== '')
    .map((event) => chunk(event.slice(event.indexOf('data:') + 5).trim()))
    .join(''),
  ownFormat: {
    answer: '{"outputText":"hi there","tokens":12345678901234567890}',
    stream: [
      chunk('{"outputText":"hi","index":0}'),
      chunk(
        '{"outputText":" there","amazon-bedrock-invocationMetrics":{"inputTokenCount":3,"outputTokenCount":2}}',
      ),
    ].join(''),
  },
  check(body) {
    const wrong = mockAnthropic.check(body, { 'anthropic-version': '' });
    const version = pick(body, 'anthropic_version');
    if (version !== 'bedrock-2023-05-31' && !/^20\d\d-\d\d-\d\d$/.test(String(version)))
      wrong.push('anthropic_version: Field required');
    for (const key of ['model', 'stream'])
      if (pick(body, key) !== undefined) wrong.push(`${key}: Extra inputs are not permitted`);
    const beta = pick(body, 'anthropic_beta');
    if (beta !== undefined && !Array.isArray(beta))
      wrong.push('anthropic_beta: Input should be a valid list');
    return wrong;
  },
};

// -- signatures

/** The pair that is named; those of the token server (token-server.ts) hold for some hours. */
function pairNamed(authorization: string) {
  const number = /Credential=ASIA-(\d+)\//.exec(authorization)?.[1];
  if (number === undefined) return awsPair;
  return {
    accessKeyId: `ASIA-${number}`,
    secretAccessKey: `secret-${number}`,
    sessionToken: `session-${number}`,
  };
}

/** Why a signed request is refused, in AWS's words; null when it is not signed, or rightly. @param skewMs by which the mock's clock is off. */
export async function signatureComplaint(
  request: Pick<MockRequest, 'method' | 'target' | 'headers' | 'body'>,
  skewMs: number,
): Promise<MockFault | null> {
  const given = request.headers['authorization'] ?? '';
  if (!given.startsWith('AWS4-HMAC-SHA256 ')) return null;
  const time = request.headers['x-amz-date'] ?? '';
  const signedAt = Date.parse(time.replace(/^(....)(..)(..T..)(..)/, '$1-$2-$3:$4:'));
  const refuse = (message: string): MockFault => ({
    status: 403,
    message,
    type: 'InvalidSignatureException',
    code: null,
  });
  const now = Date.now() + skewMs;
  if (Math.abs(signedAt - now) > 300_000)
    return refuse(`Signature ${signedAt < now ? 'expired' : 'not yet current'}: ${time} is too far from now`);
  const names = (/SignedHeaders=([^,]+)/.exec(given)?.[1] ?? '').split(';');
  const headers: Record<string, string> = {};
  for (const name of names) headers[name] = request.headers[name] ?? '';
  const [path = '', query = ''] = request.target.split('?');
  const signer = new SignatureV4({
    service: 'bedrock',
    region: AWS_REGION,
    credentials: pairNamed(given),
    sha256: Sha256,
    applyChecksum: false,
  });
  const signed = await signer.sign(
    {
      method: request.method,
      protocol: 'http:',
      hostname: headers['host'] ?? '',
      path,
      query: Object.fromEntries(new URLSearchParams(query)),
      headers,
      body: request.body,
    },
    { signingDate: new Date(signedAt) },
  );
  return signed.headers['authorization'] === given
    ? null
    : refuse('The request signature we calculated does not match the signature you provided.');
}

class Sha256 {
  readonly #parts: Buffer[] = [];
  readonly #key: Buffer | null;

  constructor(key?: string | ArrayBuffer | ArrayBufferView) {
    this.#key = key === undefined ? null : Buffer.from(key as Uint8Array);
  }

  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#parts.push(Buffer.from(data as Uint8Array));
  }

  digest(): Promise<Uint8Array> {
    const made = this.#key === null ? createHash('sha256') : createHmac('sha256', this.#key);
    return Promise.resolve(made.update(Buffer.concat(this.#parts)).digest());
  }

  reset(): void {
    this.#parts.length = 0;
  }
}
