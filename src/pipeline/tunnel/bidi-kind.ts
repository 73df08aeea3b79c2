// Gemini Live (`BidiGenerateContent`), at Google AI Studio and on Vertex: the model stands in the first message, `setup`; answers
// begin by themselves, and `usageMetadata` says what each of them used. Google sends its JSON as bytes. What was searched is told
// before that, and how it is paid for the model says, so that there is one of these for each session.
import type { AnswerFacts } from '../../contracts/chat.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { resourceName } from '../../dialects/gemini/model-path.ts';
import { billedSearches, usageOf } from '../../dialects/gemini/usage.ts';
import { arrayAt, objectAt, parseObject, stringAt } from '../../dialects/lenient.ts';
import { bidiHandles, textOf } from './bidi-handles.ts';
import type { SessionKind } from './session-kind.ts';

const AI_STUDIO = '/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent';
const VERTEX = '/ws/google.cloud.aiplatform.v1beta1.LlmBidiService/BidiGenerateContent';
/** A model at Vertex: what is above its publisher. */
const PLACE = /^\/projects\/[^/]+\/locations\/[^/]+\/publishers\/[^/]+$/;
/** What clients write before a model: of Vertex AI's the provider in `vertex/m` is who publishes it. */
const NAMES = /^(?:projects\/[^/]+\/locations\/[^/]+\/)?(?:publishers\/(?:google\/|([^/]+\/)))?models\//;
/** Of a turn; none makes more. */
const MAX_SEARCHES = 100;

export function bidi(): SessionKind {
  let asked = '';
  const searched = new Set<string>();

  /** What grounds an answer is told once more with each of its parts. */
  function search(said: JsonObject): void {
    const grounding = objectAt(objectAt(said, 'serverContent') ?? {}, 'groundingMetadata') ?? {};
    for (const query of arrayAt(grounding, 'webSearchQueries'))
      if (typeof query === 'string' && searched.size < MAX_SEARCHES) searched.add(query);
  }

  function factsOf(told: JsonObject): AnswerFacts {
    const usage = usageOf(told);
    const webSearches = billedSearches(asked, searched.size);
    searched.clear();
    if (usage !== null && webSearches > 0) usage.webSearches = webSearches;
    return { usage, stop: null, model: null, id: null };
  }

  return {
    dialect: 'gemini',
    modelInFirst: true,
    inherits: false,
    counted: true,
    turns: true,
    saysErrors: false,
    besideVersion: true,
    handles: bidiHandles,
    modelOf(first) {
      const setup = objectAt(parseObject(textOf(first)) ?? {}, 'setup');
      const name = setup === null ? null : stringAt(setup, 'model');
      return name === null ? null : name.replace(NAMES, '$1');
    },
    firstMust: { message: 'The first message must be `setup` with `setup.model`.', param: 'setup.model' },
    renamed(message, { below, model }) {
      const text = textOf(message);
      // However its letters are written.
      if (!text.includes('"setup"') && !text.includes('\\u')) return message;
      const said = parseObject(text);
      const setup = said === null ? null : objectAt(said, 'setup');
      if (said === null || setup === null) return message;
      asked = model;
      const name = PLACE.test(below) ? `${below.slice(1)}/models/${model}` : resourceName(model);
      return JSON.stringify({ ...said, setup: { ...setup, model: name } });
    },
    pathAt: ({ below }) => (below.includes('/publishers/') ? VERTEX : AI_STUDIO),
    asks: () => false,
    tells(message, running) {
      const text = textOf(message);
      const used = text.includes('"usageMetadata"');
      if (used || text.includes('"groundingMetadata"')) {
        const said = parseObject(text);
        if (said !== null) search(said);
        const usage = used && said !== null ? objectAt(said, 'usageMetadata') : null;
        if (usage !== null) return { kind: 'done', facts: factsOf(usage), alone: true };
      }
      if (running || !(text.includes('"modelTurn"') || text.includes('"toolCall"'))) return null;
      return { kind: 'begun', id: null };
    },
    cancels: () => null,
  };
}
