// `cohere-ai`, Chat v2.
import { Cohere, CohereClientV2, CohereError } from 'cohere-ai';
import { pick } from '../../kit/json.ts';
import {
  type Answer,
  type Ask,
  emptyAnswer,
  isPlain,
  type MatrixClient,
  pngUrl,
  type Turn,
  type UserTurn,
} from './client.ts';

const classes: Record<number, new (...args: never[]) => Error> = {
  400: Cohere.BadRequestError,
  401: Cohere.UnauthorizedError,
  403: Cohere.ForbiddenError,
  404: Cohere.NotFoundError,
  429: Cohere.TooManyRequestsError,
  500: Cohere.InternalServerError,
  503: Cohere.ServiceUnavailableError,
};

/** What a program makes of the event that ends a broken stream: the SDK itself raises nothing there. */
class StreamFault extends Error {}

function partsOf({ text, image, imageUrl, pdf }: UserTurn): Cohere.Content[] {
  if (pdf !== undefined) throw new Error('Cohere takes no files');
  const parts: Cohere.Content[] = [{ type: 'text', text }];
  if (image !== undefined) parts.push({ type: 'image_url', imageUrl: { url: pngUrl(image) } });
  if (imageUrl !== undefined) parts.push({ type: 'image_url', imageUrl: { url: imageUrl } });
  return parts;
}

function messagesOf(turn: Turn): Cohere.ChatMessageV2[] {
  switch (turn.role) {
    case 'user':
      return [{ role: 'user', content: isPlain(turn) ? turn.text : partsOf(turn) }];
    case 'assistant':
      return [{ role: 'assistant', content: turn.text }];
    case 'said':
      // Made by this file, from what the SDK gave.
      return [turn.answer.turn as Cohere.ChatMessageV2];
    case 'calls':
      return [
        {
          role: 'assistant',
          toolCalls: turn.calls.map(({ id, name, json }) => ({
            id,
            type: 'function',
            function: { name, arguments: json },
          })),
        },
      ];
    case 'results':
      return turn.results.map(({ id, text }) => ({ role: 'tool', toolCallId: id, content: text }));
  }
}

function bodyOf(ask: Ask): Cohere.V2ChatRequest {
  const { choice } = ask;
  if (typeof choice === 'object') throw new Error('Cohere cannot name the tool to call');
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
    ...(choice === undefined ? {} : { toolChoice: choice === 'required' ? 'REQUIRED' : 'NONE' }),
    ...(ask.schema === undefined ? {} : { responseFormat: { type: 'json_object', jsonSchema: ask.schema } }),
    ...(ask.maxTokens === undefined ? {} : { maxTokens: ask.maxTokens }),
    ...(ask.stop === undefined ? {} : { stopSequences: ask.stop }),
    ...(ask.thinking === true ? { thinking: { type: 'enabled', tokenBudget: 1024 } } : {}),
    ...ask.extra,
  };
}

const usageOf = (usage: Cohere.Usage | undefined): Answer['usage'] =>
  usage === undefined
    ? null
    : {
        input: usage.tokens?.inputTokens ?? 0,
        cached: usage.cachedTokens ?? 0,
        output: usage.tokens?.outputTokens ?? 0,
      };

const oddsOf = ({ text, logprobs }: Cohere.LogprobItem): Answer['odds'] =>
  (logprobs ?? []).map((logprob) => ({ token: text ?? '', logprob }));

function read(message: Cohere.AssistantMessageResponse): Answer {
  const answer = emptyAnswer();
  answer.text = message.toolPlan ?? '';
  for (const block of message.content ?? [])
    if (block.type === 'text') answer.text += block.text;
    else if (block.type === 'thinking') answer.thinking += block.thinking;
  answer.calls = (message.toolCalls ?? []).map(({ id, function: called }) => {
    const json = called?.arguments ?? '';
    return { id, name: called?.name ?? '', args: JSON.parse(json) as unknown, json };
  });
  answer.turn = message;
  return answer;
}

/** Puts the events of a stream together. */
class Collecting {
  readonly content: Cohere.AssistantMessageResponseContentItem[] = [];
  readonly calls: { id: string; type: 'function'; function: { name: string; arguments: string } }[] = [];
  plan = '';
  text = '';

  add(event: Cohere.V2ChatStreamResponse): void {
    if (event.type === 'content-start') {
      const thinks = event.delta?.message?.content?.type === 'thinking';
      this.content.push(thinks ? { type: 'thinking', thinking: '' } : { type: 'text', text: '' });
    } else if (event.type === 'content-delta') {
      const block = this.content[event.index ?? 0]!;
      const piece = event.delta?.message?.content;
      if (block.type === 'thinking') block.thinking += piece?.thinking ?? '';
      else this.text += piece?.text ?? '';
      if (block.type === 'text') block.text += piece?.text ?? '';
    } else if (event.type === 'tool-plan-delta') this.plan += event.delta?.message?.toolPlan ?? '';
    else if (event.type === 'tool-call-start') {
      const call = event.delta?.message?.toolCalls;
      this.calls.push({
        id: call?.id ?? '',
        type: 'function',
        function: { name: call?.function?.name ?? '', arguments: call?.function?.arguments ?? '' },
      });
    } else if (event.type === 'tool-call-delta')
      this.calls[event.index ?? 0]!.function.arguments +=
        event.delta?.message?.toolCalls?.function?.arguments ?? '';
  }

  message(): Cohere.AssistantMessageResponse {
    return {
      role: 'assistant',
      ...(this.content.length === 0 ? {} : { content: this.content }),
      ...(this.plan === '' ? {} : { toolPlan: this.plan }),
      ...(this.calls.length === 0 ? {} : { toolCalls: this.calls }),
    };
  }
}

export function cohere(url: string, token: string): MatrixClient {
  const client = new CohereClientV2({ environment: url, token, maxRetries: 0 });
  return {
    dialect: 'cohere',
    stops: { end: 'COMPLETE', length: 'MAX_TOKENS', tools: 'TOOL_CALL', stop: 'STOP_SEQUENCE' },
    errorClass: (status) => classes[status] ?? CohereError,
    failure(error) {
      if (error instanceof StreamFault) return { status: null, message: error.message, retryAfter: null };
      if (!(error instanceof CohereError)) throw error;
      return {
        status: error.statusCode ?? null,
        message: String(pick(error.body, 'message') ?? error.message),
        retryAfter: error.rawResponse?.headers.get('retry-after') ?? null,
      };
    },
    async whole(ask) {
      const { id, message, finishReason, usage, logprobs } = await client.chat(bodyOf(ask));
      const odds = (logprobs ?? []).flatMap(oddsOf);
      return { ...read(message), stop: finishReason, usage: usageOf(usage), odds, id };
    },
    async streamed(ask, { signal, onText } = {}) {
      const stream = await client.chatStream(
        bodyOf(ask),
        signal === undefined ? {} : { abortSignal: signal },
      );
      const seen = new Collecting();
      const odds: Answer['odds'] = [];
      let id = '';
      let end: Cohere.ChatMessageEndEventDelta | undefined;
      for await (const event of stream) {
        seen.add(event);
        if (event.type === 'message-start') id = event.id ?? '';
        if (event.type === 'content-delta' && event.logprobs !== undefined)
          odds.push(...oddsOf(event.logprobs));
        if (event.type === 'content-delta' && seen.text !== '') onText?.(seen.text);
        if (event.type === 'message-end') end = event.delta;
      }
      if (end === undefined) throw new Error('the stream ended without an end, and without an error');
      if (end.error !== undefined) throw new StreamFault(end.error);
      return { ...read(seen.message()), stop: end.finishReason ?? null, usage: usageOf(end.usage), odds, id };
    },
  };
}
