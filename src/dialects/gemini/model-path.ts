// A model's resource: `models/gemini-2.5-pro`. Names that say their collection themselves (`tunedModels/…`,
// `publishers/google/models/…`) stay as they are.

const PLAIN = /^[\w.-]+$/;
const RESOURCE = /^(?:models|tunedModels|publishers\/[\w.-]+\/models|projects\/[\w./-]+\/models)\/[\w.-]+$/;

/** The path of what is asked of a model. @param verb behind the colon, e.g. `generateContent`. */
export function modelPath(model: string, verb: string): string {
  if (PLAIN.test(model)) return `/models/${model}:${verb}`;
  return RESOURCE.test(model) ? `/${model}:${verb}` : `/models/${encodeURIComponent(model)}:${verb}`;
}

/** As a body names it. */
export function resourceName(model: string): string {
  return RESOURCE.test(model) ? model : `models/${model}`;
}
