/** Names of vendors that may always stand before a path, for the shape of what their clients ask: any model may be asked so. */
export const VENDOR_NAMES = ['openai', 'azure', 'anthropic', 'bedrock', 'cohere', 'gemini', 'genai'] as const;

const NAMES: ReadonlySet<string> = new Set(VENDOR_NAMES);

export const isVendorName = (name: string): boolean => NAMES.has(name);
