// `openai`, Responses.
import OpenAI from 'openai';
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

type Item = OpenAI.Responses.ResponseInputItem;

function partsOf({ text, image, imageUrl, pdf }: UserTurn): OpenAI.Responses.ResponseInputContent[] {
  const parts: OpenAI.Responses.ResponseInputContent[] = [{ type: 'input_text', text }];
  const picture = (url: string) => parts.push({ type: 'input_image', detail: 'auto', image_url: url });
  if (image !== undefined) picture(pngUrl(image));
  if (imageUrl !== undefined) picture(imageUrl);
  if (pdf !== undefined) parts.push({ type: 'input_file', filename: 'report.pdf', file_data: pdfUrl(pdf) });
  return parts;
}

function itemsOf(turn: Turn): Item[] {
  switch (turn.role) {
    case 'user':
      return [{ role: 'user', content: isPlain(turn) ? turn.text : partsOf(turn) }];
    case 'assistant':
      return [{ role: 'assistant', content: turn.text }];
    case 'said':
      // Made by this file, from what the SDK gave.
      return turn.answer.turn as Item[];
    case 'calls':
      return turn.calls.map(({ id, name, json }) => ({
        type: 'function_call',
        call_id: id,
        name,
        arguments: json,
      }));
    case 'results':
      return turn.results.map(({ id, text, image }) => ({
        type: 'function_call_output',
        call_id: id,
        output:
          image === undefined
            ? text
            : [
                { type: 'input_text', text },
                { type: 'input_image', image_url: pngUrl(image) },
              ],
      }));
  }
}

function bodyOf(ask: Ask): OpenAI.Responses.ResponseCreateParamsNonStreaming {
  const { choice } = ask;
  return {
    model: ask.model,
    input: ask.turns.flatMap(itemsOf),
    ...(ask.system === undefined ? {} : { instructions: ask.system }),
    ...(ask.tools === undefined
      ? {}
      : {
          tools: ask.tools.map(({ name, description, schema }) => ({
            type: 'function' as const,
            name,
            description,
            parameters: schema,
            strict: false,
          })),
        }),
    ...(choice === undefined
      ? {}
      : { tool_choice: typeof choice === 'string' ? choice : { type: 'function', name: choice.name } }),
    ...(ask.schema === undefined
      ? {}
      : { text: { format: { type: 'json_schema', name: 'answer', schema: ask.schema, strict: true } } }),
    ...(ask.maxTokens === undefined ? {} : { max_output_tokens: ask.maxTokens }),
    ...(ask.thinking === true ? { reasoning: { effort: 'medium', summary: 'auto' } } : {}),
    ...ask.extra,
  };
}

function read(response: OpenAI.Responses.Response): Answer {
  const { output, usage, status, incomplete_details } = response;
  const answer = emptyAnswer();
  for (const item of output) {
    if (item.type === 'message')
      for (const part of item.content) {
        if (part.type !== 'output_text') continue;
        answer.text += part.text;
        for (const { token, logprob } of part.logprobs ?? []) answer.odds.push({ token, logprob });
      }
    else if (item.type === 'function_call')
      answer.calls.push({
        id: item.call_id,
        name: item.name,
        args: JSON.parse(item.arguments) as unknown,
        json: item.arguments,
      });
    else if (item.type === 'reasoning') {
      for (const part of [...item.summary, ...(item.content ?? [])]) answer.thinking += part.text;
      if (item.encrypted_content != null) answer.proofs.push(item.encrypted_content);
    }
  }
  if (usage !== undefined && usage !== null)
    answer.usage = {
      input: usage.input_tokens,
      cached: usage.input_tokens_details.cached_tokens,
      output: usage.output_tokens,
    };
  answer.stop = incomplete_details?.reason ?? status ?? null;
  answer.id = response.id;
  answer.model = response.model;
  answer.turn = output;
  return answer;
}

export function openaiResponses(url: string, apiKey: string): MatrixClient {
  const client = new OpenAI({ baseURL: `${url}/v1`, apiKey, maxRetries: 0 });
  return {
    dialect: 'openai-responses',
    stops: { end: 'completed', length: 'max_output_tokens', tools: 'completed', stop: 'completed' },
    errorClass: openaiErrorClass,
    failure: openaiFailure,
    async whole(ask) {
      return read(await client.responses.create(bodyOf(ask)));
    },
    async streamed(ask, { signal, onText } = {}) {
      const stream = await client.responses.create(
        { ...bodyOf(ask), stream: true },
        signal === undefined ? {} : { signal },
      );
      let text = '';
      let thinking = '';
      let last: OpenAI.Responses.Response | null = null;
      for await (const event of stream) {
        if (event.type === 'response.output_text.delta') {
          text += event.delta;
          onText?.(text);
        }
        if (
          event.type === 'response.reasoning_summary_text.delta' ||
          event.type === 'response.reasoning_text.delta'
        )
          thinking += event.delta;
        if (event.type === 'response.completed' || event.type === 'response.incomplete')
          last = event.response;
        if (event.type === 'response.failed') {
          const { code, message } = event.response.error ?? {};
          throw new OpenAI.APIError(undefined, { code, message }, message, undefined);
        }
      }
      if (last === null) throw new Error('the stream ended without an end, and without an error');
      const answer = read(last);
      // Deltas and the whole answer at the end are read by different programs: both have to say the same.
      if (answer.text !== text || answer.thinking !== thinking)
        throw new Error(`said ${text} | ${thinking}, then ${answer.text} | ${answer.thinking}`);
      return answer;
    },
  };
}
