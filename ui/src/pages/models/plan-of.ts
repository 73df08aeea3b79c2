// Where the calls of a model go, from its entry in the configuration: as people write it, or as it is in force.
import { recordOf } from '../../api/problem.ts';
import { percent } from '../../format/number.ts';

export interface Arm {
  /** Place in the order in which they are asked; '' = it has none. */
  readonly mark: string;
  /** `provider/model`, or another model with a plan. */
  readonly to: string;
  /** When, or how often. */
  readonly note: string;
}

export interface PlanView {
  /** How one of the targets is chosen. */
  readonly strategy: string;
  readonly arms: readonly Arm[];
  /** What else holds for its calls. */
  readonly notes: readonly string[];
}

type Entry = Readonly<Record<string, unknown>>;

export const STRATEGIES = [
  ['order', 'in order'],
  ['weighted', 'by weight'],
  ['round-robin', 'in turn'],
  ['least-busy', 'least busy first'],
  ['latency', 'quickest first'],
  ['cost', 'cheapest first'],
  ['usage', 'least used first'],
  ['hash', 'a session stays where it is'],
  ['adaptive', 'by how each does'],
] as const;

export const FAILURES = [
  ['error', 'any failure'],
  ['rate_limit', 'a rate limit'],
  ['timeout', 'a timeout'],
  ['context_window', 'a prompt that is too long'],
  ['content_policy', 'content that was refused'],
] as const;

export interface Target {
  readonly model: string;
  /** Null: none is stated. */
  readonly weight: number | null;
}

export function targetsOf(entry: Entry): Target[] {
  const weights = listOf(entry['weights']);
  return listOf(entry['targets']).map((one, at) => {
    const record = recordOf(one) ?? { model: one };
    const weight = record['weight'] ?? weights[at];
    return { model: String(record['model']), weight: typeof weight === 'number' ? weight : null };
  });
}

export interface Fallback {
  readonly to: string;
  readonly on: readonly string[];
}

export function fallbacksOf(entry: Entry): Fallback[] {
  return listOf(entry['fallbacks']).flatMap((one) => {
    const record = recordOf(one);
    return record === null ? [] : [{ to: String(record['to']), on: listOf(record['on']).map(String) }];
  });
}

export function planOf(entry: Entry): PlanView {
  const strategy = String(entry['strategy'] ?? 'order');
  const targets = targetsOf(entry);
  const fallbacks = fallbacksOf(entry);
  const sum = targets.reduce((all, { weight }) => all + (weight ?? 1), 0);
  const share = ({ weight }: Target): string => percent(sum === 0 ? 0 : (weight ?? 1) / sum);
  const noteOf = (target: Target, at: number): string => {
    if (strategy === 'weighted') return `${share(target)} of the calls, and when the others cannot`;
    if (strategy !== 'order') return target.weight === null ? '' : `weight ${target.weight}`;
    return at === 0 ? 'first choice' : 'when those before cannot';
  };
  const armsOf = (part: string, mark: string, words: (share: string) => string): Arm[] =>
    listOf(part === 'shadow' ? [entry[part]] : entry[part]).flatMap((one) => {
      const record = recordOf(one);
      if (record === null) return [];
      return [{ mark, to: String(record['to']), note: words(percent(Number(record['percent']) / 100)) }];
    });
  return {
    strategy: STRATEGIES.find(([name]) => name === strategy)?.[1] ?? strategy,
    arms: [
      ...armsOf('split', '%', (part) => `instead, for ${part} of the sessions`),
      ...targets.map(
        (target, at): Arm => ({ mark: String(at + 1), to: target.model, note: noteOf(target, at) }),
      ),
      ...fallbacks.map(
        ({ to, on }, at): Arm => ({
          mark: String(targets.length + at + 1),
          to,
          note: `only after ${on.map((kind) => FAILURES.find(([name]) => name === kind)?.[1] ?? kind).join(', ')}`,
        }),
      ),
      ...armsOf('shadow', '+', (part) => `gets a copy of ${part} of the calls; nobody hears its answers`),
    ],
    notes: [
      ...(isOn(entry['hedge']) ? ['Asked a second time where the first token is late.'] : []),
      ...(entry['gate'] === true ? ['A stream is held until its first content.'] : []),
    ],
  };
}

const isOn = (value: unknown): boolean => value === true || recordOf(value) !== null;
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** Models of a configuration by name. */
export function modelsIn(models: unknown): Readonly<Record<string, Entry>> {
  return Object.fromEntries(
    Object.entries(recordOf(models) ?? {}).flatMap(([name, entry]) => {
      const record = recordOf(entry);
      return record === null ? [] : [[name, record]];
    }),
  );
}
