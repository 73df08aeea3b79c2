// A plan drawn: the name at the left, its targets in order, the share of each.
import { percent } from '../../format/number.ts';
import type { ModelPrice } from '../../api/prices.ts';
import { TargetPrice } from './price.tsx';
import type { TargetView } from './targets.ts';

export function Plan({
  name,
  targets,
  prices,
}: {
  name: string;
  targets: readonly TargetView[];
  /** Null: not known yet. */
  prices: ReadonlyMap<string, ModelPrice> | null;
}) {
  if (targets.length === 0)
    return <p class="pad muted">It has no targets of its own: its name is that of a provider’s model.</p>;
  const weights = targets.reduce((sum, { weight }) => sum + (weight ?? 0), 0);
  return (
    <div class="plan">
      <div class="plan-name clip mono" title={name}>
        {name}
      </div>
      <ol>
        {targets.map(({ target, weight, on }, index) => (
          // A target may stand in a plan twice.
          <li key={`${index} ${target}`}>
            <span class="plan-arm" />
            <span class="plan-order">{index + 1}</span>
            <span class="mono clip" title={target}>
              {target}
            </span>
            <span class="muted small">
              {weight !== null && weights > 0
                ? percent(weight / weights)
                : index === 0
                  ? 'first choice'
                  : 'when those before cannot'}
              {on !== '' && `, for ${on}`}
            </span>
            <TargetPrice price={prices?.get(target)} />
          </li>
        ))}
      </ol>
    </div>
  );
}
