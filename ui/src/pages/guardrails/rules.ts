// Guardrails of the configuration: where each looks, for what, and what it does then.
import { type Json, readConfig } from '../../api/config.ts';

export interface Rule {
  readonly name: string;
  readonly on: readonly string[];
  readonly action: string;
  readonly checks: readonly string[];
  /** Whom it is for, such as `models fast, cheap`; '' = everybody. */
  readonly who: string;
}

/** Those of all calls: keys and groups may have more. */
export async function readGuardrails(signal: AbortSignal): Promise<readonly Rule[]> {
  return rulesOf((await readConfig(signal)).effective['guardrails']);
}

/** @param stated as the configuration says it */
export function rulesOf(stated: unknown): readonly Rule[] {
  if (!Array.isArray(stated)) return [];
  return (stated as readonly Json[]).map((rule) => ({
    name: String(rule['name'] ?? ''),
    on: texts(rule['on']),
    action: String(rule['action'] ?? 'block'),
    checks: (Array.isArray(rule['checks']) ? (rule['checks'] as readonly Json[]) : []).map(({ type }) =>
      String(type),
    ),
    who: Object.entries((rule['when'] ?? {}) as Json)
      .map(([field, values]) => `${field} ${texts(values).join(', ')}`)
      .join('; '),
  }));
}

const texts = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : []);
