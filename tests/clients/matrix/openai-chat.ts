// `openai`, Chat Completions.
import OpenAI from 'openai';
import { pick } from '../../kit/json.ts';
import {
  type Answer,
  type Ask,
  emptyAnswer,
  isPlain,
  type MatrixClient,
  pdfUrl,
  pngUrl,
  type Turn,
  type UserTurn,
} from './client.ts';
import { openaiErrorClass, openaiFailure } from './openai-errors.ts';

type Message = OpenAI.ChatCompletionMessageParam;

function partsOf({ text, image, imageUrl, pdf, wav }: UserTurn): OpenAI.ChatCompletionContentPart[] {
  const parts: OpenAI.ChatCompletionContentPart[] = [{ type: 'text', text }];
  if (image !== undefined) parts.push({ type: 'image_url', image_url: { url: pngUrl(image) } });
  if (imageUrl !== undefined) parts.push({ type: 'image_url', image_url: { url: imageUrl } });
  if (pdf !== undefined)
    parts.push({ type: 'file', file: { filename: 'report.pdf', file_data: pdfUrl(pdf) } });
  if (wav !== undefined) parts.push({ type: 'input_audio', input_audio: { data: wav, format: 'wav' } });
  return parts;
}

function messagesOf(turn: Turn): Message[] {
  switch (turn.role) {
    case 'user':
      return [{ role: 'user', content: isPlain(turn) ? turn.text : partsOf(turn) }];
    case 'assistant':
      return [{ role: 'assistant', content: turn.text }];
    case 'said':
      // Made by this file, from what the SDK gave.
      return [turn.answer.turn as Message];
    case 'calls':
      return [
        {
          role: 'assistant',
          tool_calls: turn.calls.map(({ id, name, json }) => ({
            id,
            type: 'function',
            function: { name, arguments: json },
          })),
        },
      ];
    case 'results':
      return turn.results.map(({ id, text }) => ({ role: 'tool', tool_call_id: id, content: text }));
  }
}

function bodyOf(ask: Ask): OpenAI.ChatCompletionCreateParamsNonStreaming {
  const { choice } = ask;
  return {
    model: ask.model,
    messages: [
      ...(ask.system === undefined ? [] : [{ role: 'system' as const, content: ask.system }]),
      ...ask.turns.flatMap(messagesOf),
    ],
    ...(ask.tools === undefined
      ? {}
      : {
          tools: ask.tools.map(({ name, description, schema }) => ({
            type: 'function' as const,
            function: { name, description, parameters: schema },
          })),
        }),
    ...(choice === undefined
      ? {}
      : {
          tool_choice:
            typeof choice === 'string' ? choice : { type: 'function', function: { name: choice.name } },
        }),
    ...(ask.schema === undefined
      ? {}
      : {
          response_format: {
            type: 'json_schema',
            json_schema: { name: 'answer', schema: ask.schema, strict: true },
          },
        }),
    ...(ask.maxTokens === undefined ? {} : { max_completion_tokens: ask.maxTokens }),
    ...(ask.stop === undefined ? {} : { stop: ask.stop }),
    ...(ask.thinking === true ? { reasoning_effort: 'medium' } : {}),
    ...ask.extra,
  };
}

const usageOf = (usage: OpenAI.CompletionUsage | null | undefined): Answer['usage'] =>
  usage == null
    ? null
    : {
        input: usage.prompt_tokens,
        cached: usage.prompt_tokens_details?.cached_tokens ?? 0,
        output: usage.completion_tokens,
      };

const oddsOf = (logprobs: OpenAI.ChatCompletion.Choice['logprobs'] | undefined): Answer['odds'] =>
  (logprobs?.content ?? []).map(({ token, logprob }) => ({ token, logprob }));

/** Members the package has no types for: reasoning and what proves it. */
interface Extras {
  reasoning_content?: string;
  reasoning_details?: Record<string, unknown>[];
}

function proofsIn(message: Extras, calls: readonly unknown[]): string[] {
  const details = (message.reasoning_details ?? []).map((each) => each['signature'] ?? each['data']);
  const ofCalls = calls.map((call) => pick(call, 'extra_content.google.thought_signature'));
  // A call repeats the proof that stands before it, for clients that return no details.
  return [...new Set([...details, ...ofCalls])].filter((proof) => typeof proof === 'string');
}

function read(message: OpenAI.ChatCompletionMessage & Extras): Answer {
  const calls = (message.tool_calls ?? []).flatMap((call) => (call.type === 'function' ? [call] : []));
  return {
    ...emptyAnswer(),
    text: message.content ?? '',
    thinking: message.reasoning_content ?? '',
    proofs: proofsIn(message, calls),
    calls: calls.map(({ id, function: { name, arguments: json } }) => ({
      id,
      name,
      args: JSON.parse(json) as unknown,
      json,
    })),
    turn: message,
  };
}

/** Puts the pieces together as clients of OpenRouter do: entries of one index are one. */
function addDetails(list: Record<string, unknown>[], more: readonly Record<string, unknown>[]): void {
  for (const entry of more) {
    const begun = list.find((other) => other['index'] === entry['index'] && other['type'] === entry['type']);
    if (begun === undefined) list.push({ ...entry });
    else
      for (const [key, value] of Object.entries(entry)) {
        const before = begun[key];
        begun[key] =
          (key === 'text' || key === 'signature') && typeof before === 'string'
            ? before + String(value)
            : value;
      }
  }
}

type ChunkCall = OpenAI.ChatCompletionChunk.Choice.Delta.ToolCall;

function addCalls(list: ChunkCall[], more: readonly ChunkCall[]): void {
  for (const { index, ...piece } of more) {
    const call = list.find((other) => other.index === index);
    if (call === undefined) list.push({ index, ...piece, function: { arguments: '', ...piece.function } });
    else call.function!.arguments += piece.function?.arguments ?? '';
  }
}

export function openaiChat(url: string, apiKey: string): MatrixClient {
  const client = new OpenAI({ baseURL: `${url}/v1`, apiKey, maxRetries: 0 });
  return {
    dialect: 'openai-chat',
    stops: { end: 'stop', length: 'length', tools: 'tool_calls', stop: 'stop' },
    errorClass: openaiErrorClass,
    failure: openaiFailure,
    async whole(ask) {
      const { choices, usage, id, model } = await client.chat.completions.create(bodyOf(ask));
      const { message, finish_reason, logprobs } = choices[0]!;
      const odds = oddsOf(logprobs);
      return { ...read(message), stop: finish_reason, usage: usageOf(usage), odds, id, model };
    },
    async streamed(ask, { signal, onText } = {}) {
      const stream = await client.chat.completions.create(
        { ...bodyOf(ask), stream: true, stream_options: { include_usage: true } },
        signal === undefined ? {} : { signal },
      );
      const details: Record<string, unknown>[] = [];
      const calls: ChunkCall[] = [];
      let content = '';
      let reasoning = '';
      let stop: string | null = null;
      let usage: Answer['usage'] = null;
      const odds: Answer['odds'] = [];
      let id = '';
      let model = '';
      for await (const chunk of stream) {
        usage = usageOf(chunk.usage) ?? usage;
        const choice = chunk.choices[0];
        if (choice === undefined) continue;
        const delta: typeof choice.delta & Extras = choice.delta;
        content += delta.content ?? '';
        if (delta.content != null && delta.content !== '') onText?.(content);
        reasoning += delta.reasoning_content ?? '';
        addDetails(details, delta.reasoning_details ?? []);
        addCalls(calls, delta.tool_calls ?? []);
        stop = choice.finish_reason ?? stop;
        odds.push(...oddsOf(choice.logprobs));
        ({ id, model } = chunk);
      }
      const message = {
        role: 'assistant' as const,
        content: content === '' ? null : content,
        refusal: null,
        ...(reasoning === '' ? {} : { reasoning_content: reasoning }),
        ...(details.length === 0 ? {} : { reasoning_details: details }),
        ...(calls.length === 0
          ? {}
          : {
              tool_calls: calls.map(({ index: _, ...call }) => call as OpenAI.ChatCompletionMessageToolCall),
            }),
      };
      return { ...read(message), stop, usage, odds, id, model };
    },
  };
}
