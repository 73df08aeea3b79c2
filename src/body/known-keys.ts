// The top-level members of a request body that the gateway reads, found by their bytes: an unknown key costs one array
// access and makes no string.

const NAMES = [
  'model',
  'stream',
  'stream_options',
  'fallbacks',
  'max_completion_tokens',
  'max_tokens',
  'messages',
  'system',
  'tools',
  'input',
  'instructions',
  'max_output_tokens',
  'contents',
  'systemInstruction',
  'generationConfig',
  'inferenceConfig',
  'toolConfig',
  'system_instruction',
  'generation_config',
  'user',
  'metadata',
  'safety_identifier',
  'store',
] as const;

export interface KnownKey {
  name: (typeof NAMES)[number];
  bytes: Buffer;
  /** Its bit in a set of keys seen. */
  bit: number;
}

const LONGEST = Math.max(...NAMES.map((name) => name.length));
const BY_LENGTH: readonly KnownKey[][] = Array.from({ length: LONGEST + 1 }, (_, length) =>
  NAMES.filter((name) => name.length === length).map((name) => ({
    name,
    bytes: Buffer.from(name),
    bit: 1 << NAMES.indexOf(name),
  })),
);

/** The known key whose string, quotes included, is body[start, end); null when it is none of ours. */
export function findKnownKey(body: Buffer, start: number, end: number, escaped: boolean): KnownKey | null {
  if (escaped) {
    const key = JSON.parse(body.toString('utf8', start, end)) as string;
    return BY_LENGTH[key.length]?.find(({ name }) => name === key) ?? null;
  }
  const candidates = BY_LENGTH[end - start - 2];
  if (candidates === undefined) return null;
  for (const candidate of candidates) {
    const bytes = candidate.bytes;
    let at = 0;
    while (at < bytes.length && bytes[at] === body[start + 1 + at]) at++;
    if (at === bytes.length) return candidate;
  }
  return null;
}
