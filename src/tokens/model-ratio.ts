// How a count in o200k_base, the one encoding we load, relates to what a model's own tokenizer would say.

export interface ModelRatio {
  /** Multiply a count in o200k_base by this. */
  ratio: number;
  /** The model uses o200k_base itself: text is exact, only the frame around it is estimated. */
  exact: boolean;
}

const EXACT: ModelRatio = { ratio: 1, exact: true };

// First match wins. The ratios of other vendors are rules of thumb for English prose and code, not measurements: their
// tokenizers are not public. They lean to the high side, because limits and context windows are what counts are for.
// An upstream with a counter of its own is asked instead wherever the route allows.
const RATIOS: readonly (readonly [RegExp, ModelRatio])[] = [
  // cl100k_base, within 5 % on prose
  [/^(gpt-4(-|$)|gpt-3\.5|text-embedding-)/, { ratio: 1.05, exact: false }],
  [/^(gpt-|chatgpt-|o[1-9](-|$)|codex-)/, EXACT],
  // Claude 3 and 4 write about a fifth more tokens than o200k_base; later ones up to a third more again.
  [/claude/, { ratio: 1.25, exact: false }],
  [/gemini|gemma/, { ratio: 1.05, exact: false }],
  [/llama|mi[sx]tral|ministral|codestral|command|qwen|deepseek|glm|kimi|grok/, { ratio: 1.1, exact: false }],
];
const UNKNOWN: ModelRatio = { ratio: 1.1, exact: false };

/** The ratio for a model name, with or without a provider before it (`openai/gpt-4o`). */
export function ratioFor(model: string): ModelRatio {
  const name = model.slice(model.lastIndexOf('/') + 1).toLowerCase();
  for (const [pattern, ratio] of RATIOS) {
    if (pattern.test(name)) return ratio;
  }
  return UNKNOWN;
}
