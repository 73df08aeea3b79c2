// Bodies as clients send them: a short history and a question, filled up to an exact size.
import type { Dialect } from '../contract.ts';

const SYSTEM = 'You are a helpful assistant. Answer briefly and say so when you do not know.';
const QUESTION = 'What does a headgate do?';
const ANSWER = 'It lets water from a river into a canal, "as much as is wanted".';
const FILLER =
  'And what happens to the other channels when one of them is blocked?\nTell me in a few words. ';

/** Of the number that makes a body another one. */
export const NUMBER_DIGITS = 8;

/** Where such a number may stand: in the question, which all but embeddings have. -1 = nowhere. */
export function numberAt(body: string): number {
  const at = body.indexOf(QUESTION);
  return at < 0 ? -1 : at + QUESTION.indexOf('headgate');
}

export interface BodyOptions {
  dialect: Dialect;
  /** As the gateway wants it named; Gemini and Bedrock name it in the path. */
  model: string;
  bytes: number;
  streamed: boolean;
  /** What is asked for; a chat where it is absent. */
  ask?: 'embedding';
}

/** What a path of an endpoint asks for. */
export function askOf(path: string): Pick<BodyOptions, 'ask'> {
  return path.endsWith('/embeddings') ? { ask: 'embedding' } : {};
}

/** Exactly `bytes` of JSON, or the shortest there is when that is more. */
export function requestBody(options: BodyOptions): string {
  const build = (filler: string): string => JSON.stringify(bodyOf(options, filler));
  let room = options.bytes - Buffer.byteLength(build(''));
  // A line break costs two bytes in JSON: whole sentences, then dots for the rest.
  const cost = Buffer.byteLength(JSON.stringify(FILLER)) - 2;
  const sentences = Math.max(0, Math.floor(room / cost));
  room -= sentences * cost;
  return build(FILLER.repeat(sentences) + '.'.repeat(Math.max(0, room)));
}

function bodyOf({ dialect, model, streamed, ask }: BodyOptions, filler: string): object {
  if (ask === 'embedding') return { model, input: filler, encoding_format: 'base64' };
  switch (dialect) {
    case 'openai':
      return {
        model,
        messages: [{ role: 'system', content: SYSTEM }, ...turns(filler)],
        ...settings(streamed),
      };
    case 'responses':
      return {
        model,
        instructions: SYSTEM,
        input: turns(filler),
        temperature: 0.7,
        max_output_tokens: 256,
        // Nothing is kept of it, as of a call of Chat.
        store: false,
        stream: streamed,
      };
    case 'anthropic':
      return { model, system: SYSTEM, messages: turns(filler), ...settings(streamed) };
    case 'gemini':
      return {
        systemInstruction: { parts: [{ text: SYSTEM }] },
        contents: [
          { role: 'user', parts: [{ text: QUESTION }] },
          { role: 'model', parts: [{ text: ANSWER }] },
          { role: 'user', parts: [{ text: filler }] },
        ],
        generationConfig: { temperature: 0.7, maxOutputTokens: 256 },
      };
    case 'bedrock':
      return {
        system: [{ text: SYSTEM }],
        messages: [
          { role: 'user', content: [{ text: QUESTION }] },
          { role: 'assistant', content: [{ text: ANSWER }] },
          { role: 'user', content: [{ text: filler }] },
        ],
        inferenceConfig: { temperature: 0.7, maxTokens: 256 },
      };
  }
}

/** As OpenAI and Anthropic both have them. */
function turns(filler: string): object[] {
  return [
    { role: 'user', content: QUESTION },
    { role: 'assistant', content: ANSWER },
    { role: 'user', content: filler },
  ];
}

function settings(stream: boolean): object {
  return { temperature: 0.7, max_tokens: 256, stream };
}
