// Kept answers read by the vendors' own SDKs: a stream that was asked for whole, and the reverse, tool calls too; and the
// administrator's word that they go.
import Anthropic from '@anthropic-ai/sdk';
import {
  BedrockRuntimeClient,
  ConverseCommand,
  ConverseStreamCommand,
} from '@aws-sdk/client-bedrock-runtime';
import { GoogleGenAI } from '@google/genai';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { CohereClientV2 } from 'cohere-ai';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { gateKey } from '../kit/gateway.ts';
import { useGateway } from '../kit/harness.ts';

const harness = useGateway({ dialects: true, rest: { cache: { exact: { ttlMs: 600_000 } } } });
const plainText = 'Hello from the mock provider, all is well.';
const user = [{ role: 'user' as const, content: 'hello' }];
const parameters = { type: 'object' as const, properties: { city: { type: 'string' } }, required: ['city'] };

let openai: OpenAI;
let anthropic: Anthropic;
let gemini: GoogleGenAI;
let cohere: CohereClientV2;
let bedrock: BedrockRuntimeClient;

beforeAll(() => {
  const { url } = harness;
  openai = new OpenAI({ baseURL: `${url}/v1`, apiKey: gateKey, maxRetries: 0 });
  anthropic = new Anthropic({ baseURL: url, apiKey: gateKey, maxRetries: 0 });
  gemini = new GoogleGenAI({ apiKey: gateKey, httpOptions: { baseUrl: url } });
  cohere = new CohereClientV2({ environment: url, token: gateKey, maxRetries: 0 });
  bedrock = new BedrockRuntimeClient({
    region: 'eu-central-1',
    endpoint: url,
    maxAttempts: 1,
    token: { token: gateKey },
    authSchemePreference: ['httpBearerAuth'],
    requestHandler: new NodeHttpHandler(),
  });
});
afterAll(() => bedrock.destroy());

interface Said {
  text: string;
  tools: { name: string; arguments: unknown }[];
}
interface Reader {
  whole(model: string, tools: boolean): Promise<Said>;
  streamed(model: string, tools: boolean): Promise<Said>;
}

const args = (text: string): unknown => JSON.parse(text === '' ? '{}' : text);

const chat: Reader = {
  async whole(model, tools) {
    const made = await openai.chat.completions.create({
      model,
      messages: user,
      ...(tools && { tools: chatTools }),
    });
    return chatSaid(made.choices[0]!.message);
  },
  async streamed(model, tools) {
    const stream = openai.chat.completions.stream({
      model,
      messages: user,
      ...(tools && { tools: chatTools }),
    });
    return chatSaid((await stream.finalChatCompletion()).choices[0]!.message);
  },
};
const chatTools: OpenAI.ChatCompletionFunctionTool[] = ['get_weather', 'get_time'].map((name) => ({
  type: 'function',
  function: { name, parameters },
}));
function chatSaid({ content, tool_calls = [] }: OpenAI.ChatCompletionMessage): Said {
  const tools = tool_calls.flatMap((made) =>
    made.type === 'function' ? [{ name: made.function.name, arguments: args(made.function.arguments) }] : [],
  );
  return { text: content ?? '', tools };
}

const responses: Reader = {
  whole: async (model, tools) =>
    responseSaid(
      await openai.responses.create({ model, input: 'hello', ...(tools && { tools: responseTools }) }),
    ),
  async streamed(model, tools) {
    const stream = openai.responses.stream({ model, input: 'hello', ...(tools && { tools: responseTools }) });
    return responseSaid(await stream.finalResponse());
  },
};
const responseTools: OpenAI.Responses.FunctionTool[] = ['get_weather', 'get_time'].map((name) => ({
  type: 'function',
  name,
  parameters,
  strict: false,
}));
function responseSaid({ output_text, output }: OpenAI.Responses.Response): Said {
  const tools = output.flatMap((item) =>
    item.type === 'function_call' ? [{ name: item.name, arguments: args(item.arguments) }] : [],
  );
  return { text: output_text, tools };
}

const messages: Reader = {
  whole: async (model, tools) =>
    messageSaid(
      await anthropic.messages.create({
        model,
        max_tokens: 99,
        messages: user,
        ...(tools && { tools: messageTools }),
      }),
    ),
  async streamed(model, tools) {
    const asked = { model, max_tokens: 99, messages: user, ...(tools && { tools: messageTools }) };
    return messageSaid(await anthropic.messages.stream(asked).finalMessage());
  },
};
const messageTools = ['get_weather', 'get_time'].map((name) => ({ name, input_schema: parameters }));
function messageSaid({ content }: Anthropic.Message): Said {
  const text = content.map((block) => (block.type === 'text' ? block.text : '')).join('');
  const tools = content.flatMap((block) =>
    block.type === 'tool_use' ? [{ name: block.name, arguments: block.input }] : [],
  );
  return { text, tools };
}

const contents: Reader = {
  async whole(model, tools) {
    const made = await gemini.models.generateContent({ model, contents: 'hello', ...(tools && geminiTools) });
    return contentSaid([made]);
  },
  async streamed(model, tools) {
    const stream = await gemini.models.generateContentStream({
      model,
      contents: 'hello',
      ...(tools && geminiTools),
    });
    const chunks = [];
    for await (const chunk of stream) chunks.push(chunk);
    return contentSaid(chunks);
  },
};
const geminiTools = {
  config: {
    tools: [
      {
        functionDeclarations: ['get_weather', 'get_time'].map((name) => ({
          name,
          parametersJsonSchema: parameters,
        })),
      },
    ],
  },
};
function contentSaid(chunks: Awaited<ReturnType<GoogleGenAI['models']['generateContent']>>[]): Said {
  const parts = chunks.flatMap((chunk) => chunk.candidates?.[0]?.content?.parts ?? []);
  const tools = parts.flatMap(({ functionCall }) =>
    functionCall === undefined ? [] : [{ name: functionCall.name!, arguments: functionCall.args }],
  );
  return { text: parts.map(({ text = '' }) => text).join(''), tools };
}

const converse: Reader = {
  async whole(model, tools) {
    const { output } = await bedrock.send(new ConverseCommand(converseInput(model, tools)));
    const content = output?.message?.content ?? [];
    return {
      text: content.map(({ text = '' }) => text).join(''),
      tools: content.flatMap(({ toolUse }) =>
        toolUse === undefined ? [] : [{ name: toolUse.name!, arguments: toolUse.input }],
      ),
    };
  },
  async streamed(model, tools) {
    const { stream } = await bedrock.send(new ConverseStreamCommand(converseInput(model, tools)));
    const said = { text: '', calls: [] as { name: string; text: string }[] };
    for await (const event of stream!) {
      const start = event.contentBlockStart?.start?.toolUse;
      if (start !== undefined) said.calls.push({ name: start.name!, text: '' });
      const delta = event.contentBlockDelta?.delta;
      said.text += delta?.text ?? '';
      if (delta?.toolUse !== undefined) said.calls.at(-1)!.text += delta.toolUse.input ?? '';
    }
    return { text: said.text, tools: said.calls.map(({ name, text }) => ({ name, arguments: args(text) })) };
  },
};
const converseInput = (modelId: string, tools: boolean) => ({
  modelId,
  messages: [{ role: 'user' as const, content: [{ text: 'hello' }] }],
  ...(tools && {
    toolConfig: {
      tools: ['get_weather', 'get_time'].map((name) => ({
        toolSpec: { name, inputSchema: { json: parameters } },
      })),
    },
  }),
});

const cohereChat: Reader = {
  async whole(model, tools) {
    const { message } = await cohere.chat({ model, messages: user, ...(tools && { tools: cohereTools }) });
    return {
      text: (message.content ?? []).map((block) => (block.type === 'text' ? block.text : '')).join(''),
      tools: (message.toolCalls ?? []).map((made) => ({
        name: made.function!.name!,
        arguments: args(made.function!.arguments ?? ''),
      })),
    };
  },
  async streamed(model, tools) {
    const said = { text: '', calls: [] as { name: string; text: string }[] };
    for await (const event of await cohere.chatStream({
      model,
      messages: user,
      ...(tools && { tools: cohereTools }),
    })) {
      if (event.type === 'content-delta') said.text += event.delta?.message?.content?.text ?? '';
      if (event.type === 'tool-call-start') {
        const made = event.delta?.message?.toolCalls?.function;
        said.calls.push({ name: made?.name ?? '', text: made?.arguments ?? '' });
      }
      if (event.type === 'tool-call-delta')
        said.calls.at(-1)!.text += event.delta?.message?.toolCalls?.function?.arguments ?? '';
    }
    return { text: said.text, tools: said.calls.map(({ name, text }) => ({ name, arguments: args(text) })) };
  },
};
const cohereTools = ['get_weather', 'get_time'].map((name) => ({
  type: 'function' as const,
  function: { name, parameters },
}));

const readers: [string, Reader][] = [
  ['openai chat', chat],
  ['openai responses', responses],
  ['anthropic', messages],
  ['google genai', contents],
  ['bedrock', converse],
  ['cohere', cohereChat],
];

describe.each(readers)('%s', (_name, reader) => {
  test.each(['oa', 'an'])(
    'reads an answer of %s whole and streamed, from one call of its provider',
    async (provider) => {
      for (const [model, tools] of [
        ['ok', false],
        ['parallel-tools', true],
      ] as const) {
        const before = harness.mock.requests.length;
        const first = await reader.whole(`${provider}/${model}`, tools);
        if (tools) expect(first.tools.map(({ name }) => name)).toEqual(['get_weather', 'get_time']);
        else expect(first.text).toBe(plainText);
        expect(await reader.streamed(`${provider}/${model}`, tools)).toEqual(first);
        expect(await reader.whole(`${provider}/${model}`, tools)).toEqual(first);
        expect(harness.mock.requests.length).toBe(before + 1);
      }
    },
  );

  test('reads a stream again, and whole', async () => {
    const before = harness.mock.requests.length;
    const first = await reader.streamed('rs/ok', false);
    expect(first.text).toBe(plainText);
    expect(await reader.streamed('rs/ok', false)).toEqual(first);
    expect(await reader.whole('rs/ok', false)).toEqual(first);
    expect(harness.mock.requests.length).toBe(before + 1);
  });
});
