// One budget or limit: how much of it is used, what is left, and what becomes of it if it goes on like that.
import type { BudgetStanding, LimitStanding } from '../../api/budgets.ts';
import { dollars, exactMoney, money } from '../../format/money.ts';
import { short } from '../../format/number.ts';
import { span } from '../../format/time.ts';
import { Time } from '../../parts/time.tsx';
import { windowWords } from './limit-words.ts';

const NANO = 1_000_000_000;

export function Budget({ budget }: { budget: BudgetStanding }) {
  const { amountNano, spentNano, remainingNano, soft, softAt, forecastUsd, exhaustedAt, resetsAt } = budget;
  const used = amountNano === 0 ? 1 : Math.min(1, spentNano / amountNano);
  const state = remainingNano <= 0 ? 'bad' : soft || exhaustedAt !== null ? 'warn' : 'ok';
  const forecast =
    forecastUsd === null || amountNano === 0 ? null : Math.min(1, (forecastUsd * NANO) / amountNano);
  return (
    <li class="standing">
      <div class="row apart">
        <span>
          <span class="mono" title={`${exactMoney(spentNano)} of ${exactMoney(amountNano)}`}>
            {money(spentNano)} of {money(amountNano)}
          </span>{' '}
          <span class="muted">{windowWords(budget.window, budget.align)}</span>
        </span>
        <span class={state === 'ok' ? 'muted small' : `${state} small`}>
          {remainingNano <= 0 ? 'used up' : `${money(remainingNano)} left`}
        </span>
      </div>
      <div class={`standing-bar ${state}`} aria-hidden="true">
        <i style={{ width: `${used * 100}%` }} />
        {softAt < 1 && <b class="standing-soft" style={{ left: `${softAt * 100}%` }} />}
        {forecast !== null && <b class="standing-forecast" style={{ left: `${forecast * 100}%` }} />}
      </div>
      <p class="muted small">
        {budget.owner}
        {resetsAt !== null && (
          <>
            , anew <Time at={resetsAt} />
          </>
        )}
        {forecastUsd !== null && spentNano > 0 && `; at this pace ${dollars(forecastUsd)} by then`}
        {exhaustedAt !== null && remainingNano > 0 && (
          <>
            {', '}
            <strong class="warn">
              used up <Time at={exhaustedAt} />
            </strong>
          </>
        )}
      </p>
    </li>
  );
}

export function Limit({
  limit: { dimension, limit, remaining, periodMs, owner, resetsAt },
}: {
  limit: LimitStanding;
}) {
  const left = Math.max(0, remaining);
  const full = left >= limit;
  return (
    <li class="standing">
      <div class="row apart">
        <span>
          <span class="mono">
            {short(left)} of {short(limit)}
          </span>{' '}
          <span class="muted">
            {dimension === 'concurrent' ? 'calls at once' : `${dimension} in ${span(periodMs)}`} left
          </span>
        </span>
        {left === 0 && <span class="bad small">nothing left</span>}
      </div>
      <div class={`standing-bar ${left === 0 ? 'bad' : 'ok'}`} aria-hidden="true">
        <i style={{ width: `${limit === 0 ? 100 : (1 - left / limit) * 100}%` }} />
      </div>
      <p class="muted small">
        {owner}
        {!full && dimension !== 'concurrent' && (
          <>
            , whole again <Time at={resetsAt} />
          </>
        )}
      </p>
    </li>
  );
}
