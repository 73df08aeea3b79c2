// What of a request's body says whether two answers to it are alike: its temperature, and how many answers it wants. Read where a
// cache is on and nowhere else.
import type { BodyFacts } from '../contracts/body.ts';

export interface Sampling {
  /** As stated; null = nothing is. */
  temperature: number | null;
  /** 1 unless stated. */
  answers: number;
}

const NESTED = ['generationConfig', 'generation_config', 'inferenceConfig'] as const;
const NAMES = ['temperature', 'n', ...NESTED] as const;
const KEYS = NAMES.map((name) => Buffer.from(name));

/** @param body that body/inspect took. */
export function readSampling(body: Buffer, { members }: Pick<BodyFacts, 'members'>): Sampling {
  const sampling: Sampling = { temperature: null, answers: 1 };
  for (let at = 0; at < members.length; at += 4) {
    const name = nameAt(body, members[at]! + 1, members[at + 1]! - 1);
    if (name === null) continue;
    const value: unknown = JSON.parse(body.toString('utf8', members[at + 2], members[at + 3]));
    if (name === 'temperature' || name === 'n') take(sampling, name, value);
    else if (typeof value === 'object' && value !== null) {
      // Of Gemini and Bedrock.
      const nested = value as Record<string, unknown>;
      take(sampling, 'temperature', nested['temperature']);
      take(sampling, 'n', nested['candidateCount'] ?? nested['candidate_count']);
    }
  }
  return sampling;
}

function take(sampling: Sampling, name: 'temperature' | 'n', value: unknown): void {
  if (typeof value !== 'number') return;
  if (name === 'temperature') sampling.temperature = value;
  else sampling.answers = value;
}

function nameAt(body: Buffer, from: number, to: number): (typeof NAMES)[number] | null {
  for (let i = 0; i < KEYS.length; i++) {
    const key = KEYS[i]!;
    if (key.length !== to - from) continue;
    let at = 0;
    while (at < key.length && key[at] === body[from + at]) at++;
    if (at === key.length) return NAMES[i]!;
  }
  return null;
}
