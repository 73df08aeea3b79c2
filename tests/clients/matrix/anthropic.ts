// `@anthropic-ai/sdk`, Messages.
import Anthropic from '@anthropic-ai/sdk';
import {
  type Answer,
  type Ask,
  emptyAnswer,
  isPlain,
  type MatrixClient,
  type Turn,
  type UserTurn,
} from './client.ts';

const classes: Record<number, new (...args: never[]) => Error> = {
  400: Anthropic.BadRequestError,
  401: Anthropic.AuthenticationError,
  403: Anthropic.PermissionDeniedError,
  404: Anthropic.NotFoundError,
  429: Anthropic.RateLimitError,
};

const png = (data: string): Anthropic.ImageBlockParam => ({
  type: 'image',
  source: { type: 'base64', media_type: 'image/png', data },
});

function partsOf({ text, image, imageUrl, pdf }: UserTurn): Anthropic.ContentBlockParam[] {
  const parts: Anthropic.ContentBlockParam[] = [{ type: 'text', text }];
  if (image !== undefined) parts.push(png(image));
  if (imageUrl !== undefined) parts.push({ type: 'image', source: { type: 'url', url: imageUrl } });
  if (pdf !== undefined)
    parts.push({
      type: 'document',
      title: 'report.pdf',
      source: { type: 'base64', media_type: 'application/pdf', data: pdf },
    });
  return parts;
}

function messageOf(turn: Turn): Anthropic.MessageParam {
  switch (turn.role) {
    case 'user':
      return { role: 'user', content: isPlain(turn) ? turn.text : partsOf(turn) };
    case 'assistant':
      return { role: 'assistant', content: turn.text };
    case 'said':
      // Made by this file, from what the SDK gave.
      return { role: 'assistant', content: turn.answer.turn as Anthropic.ContentBlockParam[] };
    case 'calls':
      return {
        role: 'assistant',
        content: turn.calls.map(({ id, name, json }) => ({
          type: 'tool_use',
          id,
          name,
          input: JSON.parse(json) as unknown,
        })),
      };
    case 'results':
      return {
        role: 'user',
        content: turn.results.map(({ id, text, image, failed }) => ({
          type: 'tool_result',
          tool_use_id: id,
          content: image === undefined ? text : [{ type: 'text', text }, png(image)],
          ...(failed === true ? { is_error: true } : {}),
        })),
      };
  }
}

function choiceOf(choice: NonNullable<Ask['choice']>): Anthropic.ToolChoice {
  if (typeof choice !== 'string') return { type: 'tool', name: choice.name };
  return { type: choice === 'required' ? 'any' : 'none' };
}

function bodyOf(ask: Ask): Anthropic.MessageCreateParamsNonStreaming {
  return {
    model: ask.model,
    max_tokens: ask.maxTokens ?? 4_000,
    messages: ask.turns.map(messageOf),
    ...(ask.system === undefined ? {} : { system: ask.system }),
    ...(ask.tools === undefined
      ? {}
      : {
          tools: ask.tools.map(({ name, description, schema }) => ({
            name,
            description,
            input_schema: schema,
          })),
        }),
    ...(ask.choice === undefined ? {} : { tool_choice: choiceOf(ask.choice) }),
    ...(ask.schema === undefined
      ? {}
      : { output_config: { format: { type: 'json_schema', schema: ask.schema } } }),
    ...(ask.stop === undefined ? {} : { stop_sequences: ask.stop }),
    ...(ask.thinking === true ? { thinking: { type: 'enabled', budget_tokens: 1024 } } : {}),
    ...ask.extra,
  };
}

/** @param raw Arguments of the calls as their deltas spelled them, in order. */
function read(message: Anthropic.Message, raw: readonly string[] | null): Answer {
  const answer = emptyAnswer();
  for (const block of message.content) {
    if (block.type === 'text') answer.text += block.text;
    else if (block.type === 'thinking') {
      answer.thinking += block.thinking;
      if (block.signature !== '') answer.proofs.push(block.signature);
    } else if (block.type === 'redacted_thinking') answer.proofs.push(block.data);
    else if (block.type === 'tool_use')
      answer.calls.push({
        id: block.id,
        name: block.name,
        args: block.input,
        json: raw?.[answer.calls.length] ?? null,
      });
  }
  // As the SDK types it, it is always there; an upstream may have none.
  const usage = message.usage as Anthropic.Usage | undefined;
  if (usage !== undefined) {
    const cached = usage.cache_read_input_tokens ?? 0;
    answer.usage = {
      input: usage.input_tokens + cached + (usage.cache_creation_input_tokens ?? 0),
      cached,
      output: usage.output_tokens,
    };
  }
  answer.stop = message.stop_reason;
  answer.id = message.id;
  answer.model = message.model;
  answer.turn = message.content;
  return answer;
}

export function anthropic(url: string, apiKey: string): MatrixClient {
  const client = new Anthropic({ baseURL: url, apiKey, maxRetries: 0 });
  return {
    dialect: 'anthropic',
    stops: { end: 'end_turn', length: 'max_tokens', tools: 'tool_use', stop: 'stop_sequence' },
    errorClass: (status) => classes[status] ?? Anthropic.InternalServerError,
    failure(error) {
      if (!(error instanceof Anthropic.APIError)) throw error;
      return {
        status: error.status ?? null,
        message: error.message,
        retryAfter: error.headers?.get('retry-after') ?? null,
      };
    },
    async whole(ask) {
      return read(await client.messages.create(bodyOf(ask)), null);
    },
    async streamed(ask, { signal, onText } = {}) {
      const stream = client.messages.stream(bodyOf(ask), signal === undefined ? {} : { signal });
      const raw: string[] = [];
      let text = '';
      for await (const event of stream) {
        if (event.type === 'content_block_start' && event.content_block.type === 'tool_use') raw.push('');
        if (event.type !== 'content_block_delta') continue;
        if (event.delta.type === 'input_json_delta') raw[raw.length - 1] += event.delta.partial_json;
        if (event.delta.type !== 'text_delta') continue;
        text += event.delta.text;
        onText?.(text);
      }
      return read(await stream.finalMessage(), raw);
    },
  };
}
