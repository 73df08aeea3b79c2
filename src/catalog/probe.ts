// One question to a provider that costs nothing and shows whether it answers, and with which key: its list of models.
import type { Lane, RingKey } from '../contracts/lane.ts';
import type { Speaker } from '../contracts/plan.ts';
import type { ProbeResult } from '../contracts/worker-look.ts';
import { askModels } from './ask-models.ts';
import { PageFault } from './ask-page.ts';

const TIMEOUT_MS = 8_000;

export interface ProbeDeps {
  /** Monotonic ms. */
  now(): number;
  speaker: Speaker;
  headers(speaker: Speaker, key: RingKey | null): Record<string, string>;
}

/** Never rejects. */
export async function probe(lane: Lane, { now, speaker, headers }: ProbeDeps): Promise<ProbeResult> {
  const { path, list } = speaker.spoken;
  const codec = speaker.dialect.modelList;
  const began = now();
  const result = (ok: boolean | null, models: number | null, fault: string | null): ProbeResult => ({
    ok,
    latencyMs: Math.round((now() - began) * 10) / 10,
    models,
    fault,
    owner: fault === null ? null : ownerOf(fault),
  });
  if (codec === null || list === false || lane.provider.kind === 'demo') return result(null, null, null);
  try {
    const models = await askModels({
      lane,
      codec,
      below: path,
      list,
      headers: (key) => headers(speaker, key),
      timeoutMs: TIMEOUT_MS,
      now,
    });
    return result(true, models.length, null);
  } catch (error) {
    return result(false, null, error instanceof PageFault ? error.reason : 'gateway_internal');
  }
}

/** A provider without a usable key is configured wrongly; all else it did, or did not, answer. */
function ownerOf(fault: string): 'provider' | 'gateway' {
  return fault === 'no_key' || fault.startsWith('gateway_') ? 'gateway' : 'provider';
}
