// Endpoints of the mock provider whose answers are whole or a stream and no chats: older completions, and pictures.
import type { PairAnswer } from './mock-pairs.ts';

/** What is answered: JSON, or the text of a stream. */
export type EventAnswer = PairAnswer | { status: 200; stream: string };
export type EventMock = (body: Record<string, unknown>, model: string) => EventAnswer;

const fault = (message: string): PairAnswer => ({
  status: 400,
  body: { error: { message, type: 'invalid_request_error', param: null, code: null } },
});
const events = (list: readonly object[], done = true): string =>
  `${list.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('')}${done ? 'data: [DONE]\n\n' : ''}`;
const named = (list: readonly { type: string }[]): string =>
  list.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('');

const COMPLETION = [
  'model',
  'prompt',
  'suffix',
  'max_tokens',
  'temperature',
  'top_p',
  'n',
  'stream',
  'stream_options',
  'logprobs',
  'echo',
  'seed',
  'stop',
  'user',
];

/** Model `cut`: the stream breaks off. */
const mockCompletions: EventMock = (body, model) => {
  const odd = Object.keys(body).find((key) => !COMPLETION.includes(key));
  if (odd !== undefined) return fault(`Unrecognized request argument supplied: ${odd}`);
  const prompts = Array.isArray(body['prompt']) ? body['prompt'] : [body['prompt']];
  const base = { id: 'cmpl-mock', object: 'text_completion', created: 1_790_000_000, model };
  const texts = prompts.map((prompt) => `${String(prompt)} and more`);
  const usage = {
    prompt_tokens: 3 * texts.length,
    completion_tokens: 2 * texts.length,
    total_tokens: 5 * texts.length,
  };
  if (body['stream'] !== true) {
    const choices = texts.map((text, index) => ({ text, index, logprobs: null, finish_reason: 'stop' }));
    return { status: 200, body: { ...base, choices, usage } };
  }
  const piece = (text: string, index: number, reason: string | null) => ({
    ...base,
    choices: [{ text, index, logprobs: null, finish_reason: reason }],
  });
  const pieces = texts.flatMap((text, index) =>
    text.match(/\s*\S+/g)!.map((word) => piece(word, index, null)),
  );
  if (model === 'cut') return { status: 200, stream: events(pieces, false) };
  const asked = (body['stream_options'] as { include_usage?: boolean } | undefined)?.include_usage === true;
  const ends = texts.map((_, index) => piece('', index, 'length'));
  return {
    status: 200,
    stream: events([...pieces, ...ends, ...(asked ? [{ ...base, choices: [], usage }] : [])]),
  };
};

const FIM = [
  'model',
  'prompt',
  'suffix',
  'max_tokens',
  'temperature',
  'top_p',
  'stream',
  'stop',
  'random_seed',
];

/** Mistral's text between two others: asked for as a completion is, answered as a chat is. */
const mockFim: EventMock = (body, model) => {
  const odd = Object.keys(body).find((key) => !FIM.includes(key));
  if (odd !== undefined) return fault(`Extra inputs are not permitted: ${odd}`);
  const text = `${String(body['prompt'])} .. ${String(body['suffix'] ?? '')}`;
  const base = { id: 'fim-mock', created: 1_790_000_000, model };
  const usage = { prompt_tokens: 6, completion_tokens: 4, total_tokens: 10 };
  if (body['stream'] !== true) {
    const message = { role: 'assistant', content: text, tool_calls: null };
    const choices = [{ index: 0, message, finish_reason: 'stop' }];
    return { status: 200, body: { ...base, object: 'chat.completion', choices, usage } };
  }
  const piece = (content: string, reason: string | null) => ({
    ...base,
    object: 'chat.completion.chunk',
    choices: [{ index: 0, delta: { role: 'assistant', content }, finish_reason: reason }],
  });
  const pieces = text.match(/\s*\S+/g)!.map((word) => piece(word, null));
  return { status: 200, stream: events([...pieces, { ...piece('', 'stop'), usage }]) };
};

const IMAGE = [
  'model',
  'prompt',
  'n',
  'size',
  'quality',
  'background',
  'output_format',
  'partial_images',
  'stream',
  'user',
  'response_format',
];
/** A picture of so many bytes. */
export const mockPicture = (bytes: number): string => Buffer.alloc(bytes, 7).toString('base64');

/** Model `failing`: an error behind the first preview. */
const mockImages: EventMock = (body, model) => {
  const odd = Object.keys(body).find((key) => !IMAGE.includes(key));
  if (odd !== undefined) return fault(`Unknown parameter: '${odd}'.`);
  const n = Number(body['n'] ?? 1);
  const usage = { input_tokens: 11, output_tokens: 400 * n, total_tokens: 11 + 400 * n };
  const b64_json = mockPicture(300_000);
  if (body['stream'] !== true) {
    return {
      status: 200,
      body: { created: 1_790_000_000, data: Array.from({ length: n }, () => ({ b64_json })), usage },
    };
  }
  const previews = Array.from({ length: Number(body['partial_images'] ?? 0) }, (_, partial_image_index) => ({
    type: 'image_generation.partial_image',
    partial_image_index,
    b64_json,
  }));
  if (model === 'failing') {
    const error = { type: 'server_error', message: 'no picture', code: 'server_error' };
    return {
      status: 200,
      stream: `${named(previews)}event: error\ndata: ${JSON.stringify({ type: 'error', error })}\n\n`,
    };
  }
  return {
    status: 200,
    stream: named([...previews, { type: 'image_generation.completed', b64_json, usage } as never]),
  };
};

/** Edits in JSON name their pictures; a form goes to mock-media. */
const mockEdits: EventMock = (body, model) => {
  const { images, image, ...rest } = body;
  const named = Array.isArray(images) ? images : [image];
  if (!named.every((one) => typeof one === 'object' && one !== null)) return fault('images: required');
  return mockImages(rest, model);
};

/** By path. */
export const EVENT_MOCKS: Readonly<Record<string, EventMock>> = {
  '/v1/completions': mockCompletions,
  '/v1/fim/completions': mockFim,
  '/v1/images/generations': mockImages,
  '/v1/images/edits': mockEdits,
};
