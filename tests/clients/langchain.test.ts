// LangChain's chat models for OpenAI (Chat Completions and Responses) and Anthropic, through the gateway to an upstream of
// each dialect (our own mock). The tests run side by side: each names a model of its own, by which its requests are found
// at the mock.
import { ChatAnthropic } from '@langchain/anthropic';
import { ContextOverflowError } from '@langchain/core/errors';
import {
  AIMessage,
  type AIMessageChunk,
  type BaseMessage,
  HumanMessage,
  SystemMessage,
  ToolMessage,
} from '@langchain/core/messages';
import { ChatOpenAI } from '@langchain/openai';
import { describe, expect, test } from 'vitest';
import { gateKey } from '../kit/gateway.ts';
import { useGateway } from '../kit/harness.ts';
import { pick } from '../kit/json.ts';
import { upstreamKeys } from '../kit/test-config.ts';
import { waitUntil } from '../kit/wait.ts';
import { plainText } from './matrix/exchanges.ts';
import { pixel } from './matrix/media.ts';
import { proof } from './matrix/reasoning.ts';
import { time, weather } from './matrix/tools.ts';
import { upstreams } from './matrix/upstreams.ts';

// Models are stated, so that a name nobody offers exists.
const harness = useGateway({ dialects: true, provider: { models: ['lc*'] } }, { concurrent: true });

interface Options {
  apiKey?: string;
  maxTokens?: number;
  streamUsage?: boolean;
  temperature?: number;
}
const openai =
  (useResponsesApi: boolean) =>
  (model: string, options: Options = {}): ChatOpenAI =>
    new ChatOpenAI({
      model,
      apiKey: gateKey,
      maxRetries: 0,
      useResponsesApi,
      configuration: { baseURL: `${harness.url}/v1` },
      ...options,
    });
const anthropic = (model: string, options: Options = {}): ChatAnthropic =>
  new ChatAnthropic({ model, apiKey: gateKey, maxRetries: 0, anthropicApiUrl: harness.url, ...options });

const makers: Record<string, (model: string, options?: Options) => ChatOpenAI | ChatAnthropic> = {
  ChatOpenAI: openai(false),
  'ChatOpenAI with Responses': openai(true),
  ChatAnthropic: anthropic,
};

/** A tool as LangChain takes it for every vendor. */
const bound = ({ name, description, schema }: typeof weather) => ({ name, description, schema });
// ChatOpenAI takes the name of the tool from the title.
const citySchema = { title: 'get_weather', description: weather.description, ...weather.schema };
const answerSchema = {
  title: 'answer',
  type: 'object',
  properties: { answer: { type: 'number' } },
  required: ['answer'],
  additionalProperties: false,
};

/** The chunks of a stream, put together. */
async function gather(
  stream: AsyncIterable<AIMessageChunk>,
): Promise<{ message: AIMessageChunk; chunks: AIMessageChunk[] }> {
  const chunks: AIMessageChunk[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return { message: chunks.reduce((all, chunk) => all.concat(chunk)), chunks };
}

async function failure(run: Promise<unknown>): Promise<unknown> {
  const outcome = await run.then(
    (answer) => ({ answer }),
    (error: unknown) => ({ error }),
  );
  if (!('error' in outcome))
    throw new Error(`an answer instead of an error: ${JSON.stringify(outcome.answer)}`);
  return outcome.error;
}

let serial = 0;
for (const [name, maker] of Object.entries(makers))
  for (const upstream of upstreams)
    describe.concurrent(`${name} of LangChain to ${upstream.dialect}`, () => {
      /** A model that does what `script` says, and what the upstream was asked of it. */
      const make = (script: string, options?: Options) => {
        const own = `lc${serial++}+${script}`;
        const requests = () => harness.mock.requestsFor(own);
        return {
          model: maker(`${upstream.provider}/${own}`, options),
          requests,
          seen: () => upstream.read(requests().at(-1)!.json),
        };
      };

      test('text, whole and streamed, with usage', async () => {
        const { model } = make('ok');
        const whole = await model.invoke('hello');
        const { message, chunks } = await gather(await model.stream('hello'));
        expect(chunks.filter(({ text }) => text !== '')).toHaveLength(8);
        for (const answer of [whole, message]) {
          expect(answer.text).toBe(plainText);
          expect(answer.tool_calls).toEqual([]);
        }
        const usage = { input_tokens: 12, output_tokens: 8, total_tokens: 20 };
        expect(whole.usage_metadata).toMatchObject(usage);
        if (name !== 'ChatAnthropic') expect(message.usage_metadata).toMatchObject(usage);
        // It takes the input from the first event, where it is an estimate unless the upstream itself tells it there, and
        // adds the output of the first event, which is 1 for Anthropic, to that of the last.
        else if (upstream.provider === 'an')
          expect(message.usage_metadata).toMatchObject({ input_tokens: 12, output_tokens: 9 });
        else {
          expect(pick(message, 'usage_metadata.input_tokens')).toBeGreaterThan(0);
          expect(pick(message, 'usage_metadata.output_tokens')).toBe(8);
        }
      });

      test('a system prompt, several turns, a picture and settings arrive', async () => {
        const { model, seen } = make('ok', { maxTokens: 77 });
        await model.invoke([
          new SystemMessage('You are terse.'),
          new HumanMessage('one'),
          new AIMessage('un'),
          new HumanMessage({
            content: [
              { type: 'text', text: 'two' },
              { type: 'image_url', image_url: { url: `data:image/png;base64,${pixel}` } },
            ],
          }),
        ]);
        const { system, turns, images, maxTokens } = seen();
        expect({ system, turns, images, maxTokens }).toEqual({
          system: 'You are terse.',
          turns: ['user: one', 'assistant: un', 'user: two'],
          images: [pixel],
          maxTokens: 77,
        });
      });

      test.each(['whole', 'streamed'])('parallel tools and their results go round, %s', async (how) => {
        const { model, seen } = make('thinking+parallel-tools');
        const agent = model.bindTools([bound(weather), bound(time)]);
        const ask = async (messages: BaseMessage[]): Promise<AIMessage> =>
          how === 'whole' ? agent.invoke(messages) : (await gather(await agent.stream(messages))).message;
        const question = new HumanMessage('Weather and time in Paris?');
        const first = await ask([question]);
        const calls = first.tool_calls ?? [];
        const expected = [
          ['get_weather', { city: 'Paris' }],
          ['get_time', { zone: 'Europe/Paris' }],
        ];
        expect(calls.map(({ name, args }) => [name, args])).toEqual(expected);
        expect(new Set(calls.map(({ id }) => id)).size).toBe(2);
        const results = calls.map(
          ({ id, name }, at) =>
            new ToolMessage({ tool_call_id: id!, name, content: at === 0 ? '21 degrees' : 'noon' }),
        );
        const last = await ask([question, first, ...results]);
        expect(last.text).toBe('It is 21 degrees in Paris.');
        const { tools, calls: sent, results: told, proofs } = seen();
        expect(tools.map(({ name }) => name)).toEqual(['get_weather', 'get_time']);
        expect(sent.map(({ name, args }) => [name, args])).toEqual(expected);
        expect(told.map(({ text }) => text)).toEqual([
          expect.stringContaining('21 degrees'),
          expect.stringContaining('noon'),
        ]);
        // ChatOpenAI drops the reasoning of Chat Completions.
        if (name === 'ChatAnthropic' && !['oa', 'co'].includes(upstream.provider))
          expect(proofs).toEqual([proof]);
      });

      test('a tool that has to be called', async () => {
        const { model, seen } = make('tools');
        // For Responses it forgets the word and sends only names.
        const tool_choice = name === 'ChatOpenAI with Responses' ? 'get_weather' : 'any';
        const { tool_calls } = await model.bindTools([bound(weather)], { tool_choice }).invoke('hello');
        expect(tool_calls).toMatchObject([{ name: 'get_weather', args: { city: 'Paris' } }]);
        // Cohere cannot name the tool: one alone has to be called.
        const named = tool_choice !== 'any' && upstream.provider !== 'co';
        expect(seen().choice).toBe(named ? 'get_weather' : 'required');
      });

      test('an object by a schema', async () => {
        const { model, seen } = make('json');
        const found = await model
          .withStructuredOutput(answerSchema, { method: 'jsonSchema' })
          .invoke('hello');
        expect(found).toMatchObject({ answer: 42 });
        expect(seen().schema).toMatchObject({ properties: { answer: { type: 'number' } } });
      });

      test('an object by a tool, whole and streamed', async () => {
        const { model, seen } = make('tools');
        const asking = model.withStructuredOutput(citySchema, {
          method: 'functionCalling',
          name: 'get_weather',
        });
        expect(await asking.invoke('hello')).toEqual({ city: 'Paris' });
        // Cohere cannot name the tool: one alone has to be called.
        expect(seen().choice).toBe(upstream.provider === 'co' ? 'required' : 'get_weather');
        // The others cannot read a stream of it, not even of their own vendor: ChatAnthropic stops at the empty first piece
        // that Anthropic sends, and for Responses the parser takes no list of contents.
        if (name !== 'ChatOpenAI') return;
        let last: unknown;
        for await (const part of await asking.stream('hello')) last = part;
        expect(last).toEqual({ city: 'Paris' });
      });

      test.each([400, 404, 429, 503])('an error of status %i, whole and streamed', async (status) => {
        const { model } = make(`status:${status}:retry-after=7`);
        for (const error of [
          await failure(model.invoke('hello')),
          await failure(model.stream('hello').then(gather)),
        ]) {
          expect(error).toMatchObject({ status, message: expect.stringContaining(`mock says ${status}`) });
          const code = { 404: 'MODEL_NOT_FOUND', 429: 'MODEL_RATE_LIMIT' }[status];
          expect(pick(error, 'lc_error_code')).toBe(code);
          if (status !== 429) continue;
          const headers = pick(error, 'headers');
          expect(headers instanceof Headers && headers.get('retry-after')).toBe('7');
        }
      });

      test('a prompt that is too long is known as that', async () => {
        const { model } = make('too-long');
        for (const error of [
          await failure(model.invoke('hello')),
          await failure(model.stream('hello').then(gather)),
        ])
          expect([ContextOverflowError.isInstance(error), String(error)]).toEqual([true, expect.any(String)]);
      });

      test('an error inside a stream, and a stream cut off', async () => {
        let heard = '';
        const listen = async (script: string) => {
          heard = '';
          for await (const chunk of await make(script).model.stream('hello')) heard += chunk.text;
        };
        const broken = await failure(listen('text:20+error-after:3'));
        expect(heard).toBe('t0 t1 t2');
        expect(String(broken)).toContain('broke in the middle');
        await failure(listen('text:20+cut-rst-after:3'));
        expect('t0 t1 t2').toContain(heard);
      });

      test('abort ends the call at the upstream', async () => {
        const { model, requests } = make('text:500+pace:20');
        const leave = new AbortController();
        await failure(
          model.stream('hello', { signal: leave.signal }).then(async (stream) => {
            for await (const chunk of stream) if (chunk.text !== '') leave.abort();
          }),
        );
        expect(leave.signal.aborted).toBe(true);
        await waitUntil(() => requests()[0]!.aborted, 'the upstream to be left', 10_000);
      });
    });

describe.concurrent("LangChain's own ways", () => {
  test.each(Object.entries(makers))('%s: a wrong key and an unknown model', async (_, maker) => {
    expect(await failure(maker('oa/lc-key', { apiKey: 'sk-nobody' }).invoke('hello'))).toMatchObject({
      status: 401,
      lc_error_code: 'MODEL_AUTHENTICATION',
    });
    expect(await failure(maker('nobody/has-this').invoke('hello'))).toMatchObject({
      status: 404,
      lc_error_code: 'MODEL_NOT_FOUND',
      message: expect.stringContaining('nobody/has-this'),
    });
  });

  // As LangChain for Python does by itself when the base URL is another's.
  test.each(upstreams.map(({ provider }) => provider))(
    'ChatOpenAI gets no usage in a stream that it did not ask for: %s',
    async (provider) => {
      for (const streamUsage of [true, false]) {
        const model = openai(false)(`${provider}/lc${serial++}`, { streamUsage });
        const { message, chunks } = await gather(await model.stream('hello'));
        expect(message.text).toBe(plainText);
        expect(message.response_metadata['finish_reason']).toBe('stop');
        expect(chunks.some(({ usage_metadata }) => usage_metadata !== undefined)).toBe(streamUsage);
      }
    },
  );

  test.each(upstreams.map(({ provider }) => provider))(
    'ChatOpenAI shows the reasoning of others, and goes on without it: %s',
    async (provider) => {
      const model = openai(false)(`${provider}/lc${serial++}+thinking`);
      const { message } = await gather(await model.stream('hello'));
      expect(message.text).toBe(plainText);
      expect(message.additional_kwargs['reasoning_content']).toBe('Let me think about that first.');
      expect((await model.invoke(['hello', message, 'go on'])).text).toBe(plainText);
    },
  );

  test('ChatAnthropic works under the name of its vendor too', async () => {
    const model = new ChatAnthropic({
      model: 'an/lc-base',
      apiKey: gateKey,
      maxRetries: 0,
      anthropicApiUrl: `${harness.url}/anthropic`,
    });
    expect((await model.invoke('hello')).text).toBe(plainText);
    const { target, head } = harness.mock.requestsFor('lc-base')[0]!;
    expect(target).toBe('/v1/messages');
    expect(head).toContain(upstreamKeys.an);
    expect(head).not.toContain(gateKey);
  });
});
