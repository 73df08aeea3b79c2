// Who made a model, wherever it is served: proofs of reasoning are good for that maker's models alone (dialects/proofs.ts).

const BY_MODEL: readonly (readonly [names: RegExp, maker: string])[] = [
  [/claude/, 'anthropic'],
  [/gemini|learnlm/, 'google'],
  [/(^|[/.])(gpt|chatgpt|o[1-9]|codex)([-.\d]|$)/, 'openai'],
  [/grok/, 'xai'],
];
const BY_VENDOR: Readonly<Record<string, string>> = { azure: 'openai', gemini: 'google', vertex: 'google' };

/** @param vendor as vendorOf tells it, else the provider's own name. */
export function makerOf(vendor: string, model: string): string {
  const name = model.toLowerCase();
  const known = BY_MODEL.find(([names]) => names.test(name));
  return known?.[1] ?? BY_VENDOR[vendor] ?? vendor;
}
