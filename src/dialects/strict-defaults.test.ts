// A client that writes out what its vendor assumes anyway asks for nothing: no other dialect loses it, and `x-headgate-strict` has
// nothing to refuse.
import { describe, expect, it } from 'vitest';
import type { EncodeTarget } from '../contracts/body.ts';
import { UNKNOWN_CAPABILITIES } from '../contracts/capability.ts';
import type { ChatRequest } from '../contracts/chat.ts';
import type { DialectName } from '../contracts/dialect-name.ts';
import type { JsonObject } from '../contracts/json.ts';
import { dialectByName, dialects } from '../registry/dialects.ts';

const said = { messages: [{ role: 'user', content: 'hi' }] };

const WRITTEN_OUT: Readonly<Partial<Record<DialectName, JsonObject>>> = {
  'openai-chat': {
    ...said,
    n: 1,
    frequency_penalty: 0,
    presence_penalty: 0,
    logprobs: false,
    top_p: 1,
    logit_bias: {},
    tools: [],
    tool_choice: 'auto',
    parallel_tool_calls: true,
    response_format: { type: 'text' },
    modalities: ['text'],
    store: false,
    service_tier: 'auto',
    stop: null,
  },
  'openai-responses': {
    input: 'hi',
    instructions: null,
    truncation: 'disabled',
    parallel_tool_calls: true,
    text: { format: { type: 'text' } },
    tools: [],
    tool_choice: 'auto',
    top_logprobs: 0,
    include: [],
    background: false,
    metadata: {},
    service_tier: 'auto',
    reasoning: { effort: null, summary: null },
    temperature: 1,
    top_p: 1,
  },
  anthropic: {
    ...said,
    max_tokens: 10,
    stop_sequences: [],
    tools: [],
    metadata: {},
    service_tier: 'auto',
    thinking: { type: 'disabled' },
    system: [],
    tool_choice: { type: 'auto' },
    mcp_servers: [],
  },
  gemini: {
    contents: [{ role: 'user', parts: [{ text: 'hi' }] }],
    tools: [],
    safetySettings: [],
    labels: {},
    serviceTier: 'SERVICE_TIER_UNSPECIFIED',
    toolConfig: { functionCallingConfig: { mode: 'AUTO' } },
    generationConfig: {
      candidateCount: 1,
      stopSequences: [],
      presencePenalty: 0,
      frequencyPenalty: 0,
      responseLogprobs: false,
      responseMimeType: 'text/plain',
      responseModalities: ['TEXT'],
      mediaResolution: 'MEDIA_RESOLUTION_UNSPECIFIED',
      audioTimestamp: false,
      thinkingConfig: {},
    },
  },
  bedrock: {
    messages: [{ role: 'user', content: [{ text: 'hi' }] }],
    system: [],
    inferenceConfig: { stopSequences: [] },
    additionalModelRequestFields: {},
    additionalModelResponseFieldPaths: [],
    requestMetadata: {},
    performanceConfig: { latency: 'standard' },
    promptVariables: {},
    serviceTier: { type: 'default' },
  },
  cohere: {
    ...said,
    tools: [],
    documents: [],
    stop_sequences: [],
    frequency_penalty: 0,
    presence_penalty: 0,
    logprobs: false,
    citation_options: { mode: 'OFF' },
    safety_mode: 'CONTEXTUAL',
    k: 0,
    strict_tools: false,
    raw_prompting: false,
    response_format: { type: 'text' },
    priority: 0,
  },
};

const target = (name: DialectName): EncodeTarget => ({
  model: 'm',
  provider: 'p',
  maker: dialectByName(name).manner.maker ?? 'p',
  capabilities: UNKNOWN_CAPABILITIES[name],
  streamUsage: true,
  defaultMaxTokens: 4096,
  legacyMaxTokens: false,
  strict: true,
});

/** Gemini and Bedrock name the model in the path. */
function decode(from: DialectName, body: JsonObject): ChatRequest {
  const named = from === 'bedrock' || from === 'gemini' ? body : { model: 'x', ...body };
  return dialectByName(from).chat.decodeRequest(named);
}

const NAMES = Object.keys(dialects) as DialectName[];

describe.each(Object.entries(WRITTEN_OUT))('what %s assumes anyway', (from, body) => {
  it.each(NAMES)('is no loss to %s', (to) => {
    const request = decode(from as DialectName, body);
    const { chat } = dialectByName(to);
    expect(chat.encodeRequest(request, target(to)).dropped).toEqual([]);
  });
});

it.each<[from: DialectName, member: string, value: JsonObject[string]]>([
  ['gemini', 'labels', { team: 'a' }],
  ['gemini', 'serviceTier', 'priority'],
  ['bedrock', 'performanceConfig', { latency: 'optimized' }],
  ['bedrock', 'serviceTier', { type: 'flex' }],
  ['cohere', 'safety_mode', 'STRICT'],
  ['cohere', 'citation_options', { mode: 'ACCURATE' }],
  ['cohere', 'priority', 3],
])('of %s %s that says something is named', (from, member, value) => {
  const request = decode(from, { ...WRITTEN_OUT[from], [member]: value });
  expect(request.dropped).toEqual([member]);
});
