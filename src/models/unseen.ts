// Names that do not tell the model which answers, and names that tell it in another way: a list of models that denies one by its
// name means it however it is asked for.

/** Amazon Bedrock: `arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.anthropic.claude-…`. */
const ARN = /^arn:[^:]*:bedrock:[^:]*:[^:]*:([^/]+)\/(.+)$/i;
/** Kinds of ARN whose last part is the model's own name. */
const NAMED = /^(?:foundation-model|inference-profile)$/i;
/** `eu.anthropic.claude-…`: the same model by way of a group of regions. */
const REGION = /^(?:us|eu|apac|jp|au|ca|sa|global|us-gov)\.(?=[^.]+\.)/i;
/**
 * What chooses among models, or keeps the model's name, where it is: OpenRouter's routers and presets, Azure's router. Their other
 * names are models'.
 */
const ROUTER = /^(?:openrouter\/|switchpoint\/router|model-router|auto$)|@preset\//i;

/** Which model works for it stands at the provider alone: a stored prompt, a profile of one's own, a router. */
export function isUnseen(model: string): boolean {
  const arn = ARN.exec(model);
  return arn === null ? ROUTER.test(model) : !NAMED.test(arn[1]!);
}

/** The model's own name in an ARN of what everybody has; null = it is none. */
export function nameInArn(model: string): string | null {
  const arn = ARN.exec(model);
  return arn !== null && NAMED.test(arn[1]!) ? arn[2]! : null;
}

/** Other names of the same model, without where it is asked; empty for most. */
export function otherNames(model: string): readonly string[] {
  const name = nameInArn(model) ?? model;
  const plain = name.replace(REGION, '');
  return [name, plain].filter((other, at, all) => other !== model && all.indexOf(other) === at);
}

/** Vendors whose models are their own: no name of one begins with another provider's. */
const OF_THEIR_OWN: ReadonlySet<string> = new Set([
  'openai',
  'azure',
  'anthropic',
  'gemini',
  'vertex',
  'bedrock',
  'mistral',
  'cohere',
  'deepseek',
  'xai',
]);

/** Whether a name of a model there may begin with another provider's (`anthropic/claude-…` at OpenRouter). */
export function servesMakers(vendor: string): boolean {
  return !OF_THEIR_OWN.has(vendor);
}
