// A plan drawn: the name at the left, where its calls go in order, how often and after what.
import type { ModelPrice } from '../../api/prices.ts';
import type { PlanView } from './plan-of.ts';
import { TargetPrice } from './price.tsx';

export function Plan({
  name,
  plan,
  prices,
}: {
  name: string;
  plan: PlanView;
  /** Null: not known yet. */
  prices: ReadonlyMap<string, ModelPrice> | null;
}) {
  const { arms, strategy, notes } = plan;
  if (arms.length === 0)
    return <p class="pad muted">It has no targets of its own: its name is that of a provider’s model.</p>;
  return (
    <>
      <div class="plan">
        <div class="plan-name" title={name}>
          <span class="mono clip">{name}</span>
          {arms.length > 1 && <span class="muted small">{strategy}</span>}
        </div>
        <ol>
          {arms.map(({ mark, to, note }, index) => (
            // A target may stand in a plan twice.
            <li key={`${index} ${to}`}>
              <span class="plan-arm" />
              <span class="plan-order">{mark}</span>
              <span class="mono clip" title={to}>
                {to}
              </span>
              {note !== '' && <span class="muted small">{note}</span>}
              <TargetPrice price={prices?.get(to)} />
            </li>
          ))}
        </ol>
      </div>
      {notes.length > 0 && <p class="pad muted small">{notes.join(' ')}</p>}
    </>
  );
}
