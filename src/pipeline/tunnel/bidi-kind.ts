// Gemini Live (`BidiGenerateContent`), at Google AI Studio and on Vertex: the model stands in the first message, `setup`; answers
// begin by themselves, and `usageMetadata` says what each of them used. Google sends its JSON as bytes. What was searched is told
// before that, and how it is paid for the model says, so that there is one of these for each session.
import type { AnswerFacts } from '../../contracts/chat.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { billedSearches, usageOf } from '../../dialects/gemini/usage.ts';
import { arrayAt, objectAt, parseObject } from '../../dialects/lenient.ts';
import { bidiHandles } from './bidi-handles.ts';
import { setup } from './bidi-setup.ts';
import { textOf } from './message-json.ts';
import type { SessionKind } from './session-kind.ts';

const AI_STUDIO = '/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent';
const VERTEX = '/ws/google.cloud.aiplatform.v1beta1.LlmBidiService/BidiGenerateContent';
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
    ...setup,
    counted: true,
    turns: true,
    handles: bidiHandles,
    renamed(message, target) {
      asked = target.model;
      return setup.renamed(message, target);
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
