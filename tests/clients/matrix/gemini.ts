// `@google/genai`, generateContent.
import {
  ApiError,
  type Content,
  FunctionCallingConfigMode,
  type GenerateContentConfig,
  type GenerateContentParameters,
  type GenerateContentResponse,
  GoogleGenAI,
  type Part,
} from '@google/genai';
import { pick, tryJson } from '../../kit/json.ts';
import { type Answer, type Ask, emptyAnswer, type MatrixClient, type Turn, type UserTurn } from './client.ts';

function partsOf({ text, image, imageUrl, pdf, wav }: UserTurn): Part[] {
  const parts: Part[] = [{ text }];
  if (image !== undefined) parts.push({ inlineData: { mimeType: 'image/png', data: image } });
  if (imageUrl !== undefined) parts.push({ fileData: { mimeType: 'image/jpeg', fileUri: imageUrl } });
  if (pdf !== undefined) parts.push({ inlineData: { mimeType: 'application/pdf', data: pdf } });
  if (wav !== undefined) parts.push({ inlineData: { mimeType: 'audio/wav', data: wav } });
  return parts;
}

function contentOf(turn: Turn): Content {
  switch (turn.role) {
    case 'user':
      return { role: 'user', parts: partsOf(turn) };
    case 'assistant':
      return { role: 'model', parts: [{ text: turn.text }] };
    case 'said':
      // Made by this file, from what the SDK gave.
      return { role: 'model', parts: turn.answer.turn as Part[] };
    case 'calls':
      return {
        role: 'model',
        parts: turn.calls.map(({ id, name, json }) => ({
          functionCall: { id, name, args: JSON.parse(json) as Record<string, unknown> },
        })),
      };
    case 'results':
      return {
        role: 'user',
        parts: turn.results.map(({ id, name, text, image, failed }) => ({
          functionResponse: {
            id,
            name,
            response: failed === true ? { error: text } : { result: text },
            ...(image === undefined
              ? {}
              : { parts: [{ inlineData: { mimeType: 'image/png', data: image } }] }),
          },
        })),
      };
  }
}

const MODES = { required: FunctionCallingConfigMode.ANY, none: FunctionCallingConfigMode.NONE };

function configOf(ask: Ask): GenerateContentConfig {
  const { choice } = ask;
  return {
    ...(ask.system === undefined ? {} : { systemInstruction: ask.system }),
    ...(ask.tools === undefined
      ? {}
      : {
          tools: [
            {
              functionDeclarations: ask.tools.map(({ name, description, schema }) => ({
                name,
                description,
                parametersJsonSchema: schema,
              })),
            },
          ],
        }),
    ...(choice === undefined
      ? {}
      : {
          toolConfig: {
            functionCallingConfig:
              typeof choice === 'string'
                ? { mode: MODES[choice] }
                : { mode: MODES.required, allowedFunctionNames: [choice.name] },
          },
        }),
    ...(ask.schema === undefined
      ? {}
      : { responseMimeType: 'application/json', responseJsonSchema: ask.schema }),
    ...(ask.maxTokens === undefined ? {} : { maxOutputTokens: ask.maxTokens }),
    ...(ask.stop === undefined ? {} : { stopSequences: ask.stop }),
    ...(ask.thinking === true ? { thinkingConfig: { includeThoughts: true, thinkingBudget: 1024 } } : {}),
    ...ask.extra,
  };
}

const requestOf = (ask: Ask): GenerateContentParameters => ({
  model: ask.model,
  contents: ask.turns.map(contentOf),
  config: configOf(ask),
});

/** All chunks of a stream, or the one answer. */
function read(chunks: readonly GenerateContentResponse[]): Answer {
  const answer = emptyAnswer();
  const parts = chunks.flatMap((chunk) => chunk.candidates?.[0]?.content?.parts ?? []);
  for (const part of parts) {
    if (part.thought === true) answer.thinking += part.text ?? '';
    else answer.text += part.text ?? '';
    if (part.thoughtSignature !== undefined) answer.proofs.push(part.thoughtSignature);
    const call = part.functionCall;
    if (call !== undefined)
      answer.calls.push({ id: call.id ?? '', name: call.name ?? '', args: call.args ?? {}, json: null });
  }
  for (const { candidates, usageMetadata, responseId, modelVersion } of chunks) {
    answer.id = responseId ?? answer.id;
    answer.model = modelVersion ?? answer.model;
    for (const { token, logProbability } of candidates?.[0]?.logprobsResult?.chosenCandidates ?? [])
      answer.odds.push({ token: token ?? '', logprob: logProbability ?? 0 });
    answer.stop = candidates?.[0]?.finishReason ?? answer.stop;
    if (usageMetadata !== undefined)
      answer.usage = {
        input: usageMetadata.promptTokenCount ?? 0,
        cached: usageMetadata.cachedContentTokenCount ?? 0,
        output: (usageMetadata.candidatesTokenCount ?? 0) + (usageMetadata.thoughtsTokenCount ?? 0),
      };
  }
  answer.turn = parts;
  return answer;
}

/** `retryDelay` of google.rpc.RetryInfo: Google's clients read no header. */
function retryDelay(body: unknown): string | null {
  const details = pick(body, 'error.details');
  for (const detail of Array.isArray(details) ? details : []) {
    const delay = pick(detail, 'retryDelay');
    if (typeof delay === 'string') return delay.replace(/s$/, '');
  }
  return null;
}

export function gemini(url: string, apiKey: string): MatrixClient {
  const client = new GoogleGenAI({ apiKey, httpOptions: { baseUrl: url } });
  return {
    dialect: 'gemini',
    stops: { end: 'STOP', length: 'MAX_TOKENS', tools: 'STOP', stop: 'STOP' },
    errorClass: () => ApiError,
    failure(error) {
      if (!(error instanceof ApiError)) throw error;
      const body = tryJson(error.message);
      return {
        status: error.status,
        message: String(pick(body, 'error.message') ?? error.message),
        retryAfter: retryDelay(body),
      };
    },
    async whole(ask) {
      return read([await client.models.generateContent(requestOf(ask))]);
    },
    async streamed(ask, { signal, onText } = {}) {
      const request = requestOf(ask);
      if (signal !== undefined) request.config!.abortSignal = signal;
      const chunks: GenerateContentResponse[] = [];
      for await (const chunk of await client.models.generateContentStream(request)) {
        chunks.push(chunk);
        const { text } = read(chunks);
        if (text !== '') onText?.(text);
      }
      return read(chunks);
    },
  };
}
