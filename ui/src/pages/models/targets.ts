// Targets of a model in the order they are asked, from its entry in the configuration.
import { recordOf } from '../../api/problem.ts';

export interface TargetView {
  /** `provider/model`, as it is written. */
  readonly target: string;
  readonly weight: number | null;
  /** When it is asked: always, or only after certain failures. */
  readonly on: string;
}

export function targetsOf(entry: Readonly<Record<string, unknown>>): TargetView[] {
  const listed = entry['targets'] ?? entry['target'];
  const targets = Array.isArray(listed) ? listed : listed === undefined ? [] : [listed];
  return targets.map((one) => {
    if (typeof one === 'string') return { target: one, weight: null, on: '' };
    const record = recordOf(one) ?? {};
    const { target, model, provider, weight } = record;
    const name =
      typeof target === 'string'
        ? target
        : [provider, model].filter((part) => typeof part === 'string').join('/');
    const on = record['for'] ?? record['on'];
    return {
      target: name,
      weight: typeof weight === 'number' ? weight : null,
      on: Array.isArray(on) ? on.join(', ') : typeof on === 'string' ? on : '',
    };
  });
}

/** Models of a configuration by name, whether it lists them or maps them. */
export function modelsIn(models: unknown): Readonly<Record<string, Readonly<Record<string, unknown>>>> {
  if (!Array.isArray(models)) return (recordOf(models) ?? {}) as ReturnType<typeof modelsIn>; // entries are records
  return Object.fromEntries(
    models.map(recordOf).flatMap((one) => (typeof one?.['name'] === 'string' ? [[one['name'], one]] : [])),
  );
}
