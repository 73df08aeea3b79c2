// What a target costs: the two numbers people compare by, and all that its vendor counts a click away.
import type { ModelPrice } from '../../api/prices.ts';
import { dollars } from '../../format/money.ts';
import { isToken, MILLION, originOf, summaryOf, timeOf, wordsOf } from './price-words.ts';

export function TargetPrice({ price }: { price: ModelPrice | undefined }) {
  if (price === undefined) return null;
  if (price.source === null)
    return <span class="warn small plan-price">no price: its calls count as “not known”, not as free</span>;
  return (
    <details class="plan-price small">
      <summary>{summaryOf(price)}</summary>
      <ul class="plan-components">
        {price.components.map((one) => (
          <li key={JSON.stringify(one)}>
            <span class="break">{wordsOf(one)}</span>
            <span class="mono">
              {dollars(isToken(one) ? one.usd * MILLION : one.usd)} / {isToken(one) ? '1M tok' : one.unit}
            </span>
          </li>
        ))}
      </ul>
      {price.changes.length > 0 && (
        <ul class="plan-components">
          {price.changes.map((one) => (
            <li key={timeOf(one)}>
              <span class="break">{timeOf(one)}</span>
              <span class="mono">{summaryOf(one)}</span>
            </li>
          ))}
        </ul>
      )}
      <p class="muted">from {originOf(price)}</p>
      {price.shadowed.length > 0 && (
        <p class="warn">
          The file’s price counts. What is stated here of {price.shadowed.join(', ')} does not.
        </p>
      )}
    </details>
  );
}
