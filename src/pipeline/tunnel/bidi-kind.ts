// Gemini Live (`BidiGenerateContent`), at Google AI Studio and on Vertex: the model stands in the first message, `setup`; answers
// begin by themselves, and `usageMetadata` says what each of them used. Google sends its JSON as bytes.
import type { AnswerFacts, Usage } from '../../contracts/chat.ts';
import type { JsonObject } from '../../contracts/json.ts';
import type { SocketMessage } from '../../contracts/tunnel.ts';
import { resourceName } from '../../dialects/gemini/model-path.ts';
import { arrayAt, objectAt, parseObject, stringAt } from '../../dialects/lenient.ts';
import { isObject } from '../../dialects/read.ts';
import { count } from './realtime-usage.ts';
import type { SessionKind } from './session-kind.ts';

const AI_STUDIO = '/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent';
const VERTEX = '/ws/google.cloud.aiplatform.v1beta1.LlmBidiService/BidiGenerateContent';
/** A model at Vertex: what is above its publisher. */
const PLACE = /^\/projects\/[^/]+\/locations\/[^/]+\/publishers\/[^/]+$/;
/** What clients write before a model: of Vertex AI's the provider in `vertex/m` is who publishes it. */
const NAMES = /^(?:projects\/[^/]+\/locations\/[^/]+\/)?(?:publishers\/(?:google\/|([^/]+\/)))?models\//;

export const bidi: SessionKind = {
  dialect: 'gemini',
  modelInFirst: true,
  inherits: false,
  counted: true,
  turns: true,
  saysErrors: false,
  besideVersion: true,
  modelOf(first) {
    const setup = objectAt(parseObject(textOf(first)) ?? {}, 'setup');
    const name = setup === null ? null : stringAt(setup, 'model');
    return name === null ? null : name.replace(NAMES, '$1');
  },
  firstMust: { message: 'The first message must be `setup` with `setup.model`.', param: 'setup.model' },
  renamed(message, { below, model }) {
    const text = textOf(message);
    if (!text.includes('"setup"')) return message;
    const said = parseObject(text);
    const setup = said === null ? null : objectAt(said, 'setup');
    if (said === null || setup === null) return message;
    const name = PLACE.test(below) ? `${below.slice(1)}/models/${model}` : resourceName(model);
    return JSON.stringify({ ...said, setup: { ...setup, model: name } });
  },
  pathAt: ({ below }) => (below.includes('/publishers/') ? VERTEX : AI_STUDIO),
  asks: () => false,
  tells(message, running) {
    const text = textOf(message);
    if (text.includes('"usageMetadata"')) {
      const said = parseObject(text);
      const usage = said === null ? null : objectAt(said, 'usageMetadata');
      if (usage !== null) return { kind: 'done', facts: factsOf(usage), alone: true };
    }
    if (running || !(text.includes('"modelTurn"') || text.includes('"toolCall"'))) return null;
    return { kind: 'begun', id: null };
  },
  cancels: () => null,
};

function textOf(message: SocketMessage): string {
  return typeof message === 'string' ? message : message.toString('utf8');
}

function factsOf(told: JsonObject): AnswerFacts {
  const thought = count(told['thoughtsTokenCount']);
  const said = count(told['responseTokenCount'] ?? told['candidatesTokenCount']);
  const tools = count(told['toolUsePromptTokenCount']);
  const prompt = count(told['promptTokenCount']);
  const usage: Usage = {
    input: prompt === null ? tools : prompt + (tools ?? 0),
    output: said === null ? thought : said + (thought ?? 0),
    cacheRead: count(told['cachedContentTokenCount']),
    cacheWriteShort: null,
    cacheWriteLong: null,
    reasoning: thought,
    audioInput: ofSound(told, 'promptTokensDetails'),
    audioOutput: ofSound(told, 'responseTokensDetails'),
  };
  return { usage, stop: null, model: null, id: null };
}

function ofSound(told: JsonObject, member: string): number | null {
  const sound = arrayAt(told, member)
    .filter(isObject)
    .find((part) => part['modality'] === 'AUDIO');
  return sound === undefined ? null : count(sound['tokenCount']);
}
