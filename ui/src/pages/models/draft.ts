// A model's entry while it is edited: what has fields, and the rest as it was.
import type { Json } from '../../api/config.ts';
import { type Fallback, fallbacksOf, targetsOf } from './plan-of.ts';

export interface Draft {
  readonly strategy: string;
  /** A weight is '' where none is stated. */
  readonly targets: readonly { readonly model: string; readonly weight: string }[];
  readonly fallbacks: readonly Fallback[];
  readonly rest: Json;
}

export function draftOf(entry: Json): Draft {
  const { strategy, targets: _targets, fallbacks: _fallbacks, ...rest } = entry;
  return {
    strategy: typeof strategy === 'string' ? strategy : 'order',
    targets: targetsOf(entry).map(({ model, weight }) => ({
      model,
      weight: weight === null ? '' : String(weight),
    })),
    fallbacks: fallbacksOf(entry),
    rest,
  };
}

/** What is empty is left out; what is wrong with the rest the API says. */
export function entryOf({ strategy, targets, fallbacks, rest }: Draft): Json {
  const named = targets
    .filter(({ model }) => model.trim() !== '')
    .map(({ model, weight }) =>
      weight.trim() === '' ? model.trim() : { model: model.trim(), weight: Number(weight) },
    );
  const kept = fallbacks.filter(({ to }) => to.trim() !== '').map(({ to, on }) => ({ on, to: to.trim() }));
  return {
    ...(strategy === 'order' ? {} : { strategy }),
    ...(named.length === 0 ? {} : { targets: named }),
    ...(kept.length === 0 ? {} : { fallbacks: kept }),
    ...rest,
  };
}
