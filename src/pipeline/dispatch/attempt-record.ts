// What the log and the metrics will say of an attempt, as it begins.
import type { AttemptRecord } from '../../contracts/call.ts';
import type { RingKey } from '../../contracts/lane.ts';
import type { Target } from '../../contracts/plan.ts';

/** @param queuedAt ms since the call's start. */
export function newRecord({ provider, model }: Target, queuedAt: number): AttemptRecord {
  return {
    provider: provider.name,
    model,
    keyAlias: '',
    organization: '',
    status: 0,
    errorType: '',
    usage: null,
    quantities: null,
    contentEvents: 0,
    costNano: null,
    priceVersion: '',
    estimated: false,
    answerBytes: 0,
    queuedAt,
    slotAt: 0,
    connectMs: 0,
    sentAt: 0,
    headAt: 0,
    endAt: 0,
  };
}

/** Which key it goes by; null = by none. */
export function noteKey(record: AttemptRecord, key: RingKey | null): void {
  record.keyAlias = key?.config.alias ?? '';
  record.organization = key?.config.organization ?? '';
}
