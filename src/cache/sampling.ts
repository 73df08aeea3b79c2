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
type Name = (typeof NAMES)[number];
/** By their lengths, of which each has one. */
const BY_LENGTH: (readonly [Name, Buffer] | undefined)[] = [];
for (const name of NAMES) BY_LENGTH[name.length] = [name, Buffer.from(name)];

/** @param body that body/inspect took. @param temperature whether that is asked: null otherwise, unless it stands among others. */
export function readSampling(
  body: Buffer,
  { members }: Pick<BodyFacts, 'members'>,
  temperature = true,
): Sampling {
  const sampling: Sampling = { temperature: null, answers: 1 };
  for (let at = 0; at < members.length; at += 4) {
    const name = nameAt(body, members[at]! + 1, members[at + 1]! - 1);
    if (name === null || (name === 'temperature' && !temperature)) continue;
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

function nameAt(body: Buffer, from: number, to: number): Name | null {
  const candidate = BY_LENGTH[to - from];
  if (candidate === undefined) return null;
  const [name, key] = candidate;
  for (let at = 0; at < key.length; at++) if (key[at] !== body[from + at]) return null;
  return name;
}
