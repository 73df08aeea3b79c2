// Facts of a body that is no JSON object: of a form no more is known than the model it names.
import type { BodyFacts, Span } from '../contracts/body.ts';

/** @param model null = it names none. @param value where its name stands. */
export function formFacts(model: string | null, value: Span | null): BodyFacts {
  return {
    model,
    modelMember: value === null ? null : { key: value, value, cut: value },
    stream: false,
    includeUsage: false,
    streamOptionsMember: null,
    streamOptions: 'absent',
    includeUsageValue: null,
    fallbacks: null,
    fallbacksMember: null,
    foreignFallbacks: null,
    maxTokens: null,
    members: [],
    insertAt: 0,
    empty: false,
    exoticNumbers: false,
    promptBytes: 0,
    hasTools: false,
    hasToolResults: false,
    namesFiles: false,
    conversation: null,
    store: false,
    endUser: null,
  };
}
