// One sentence on how it is, and the figures of the window.
import { errorShare, errorsOf, type Stats } from '../../api/stats.ts';
import { useStats } from '../../api/use-stats.ts';
import { PRESETS, range } from '../../app/range.ts';
import { exactMoney, money } from '../../format/money.ts';
import { change, percent, rate, short, whole } from '../../format/number.ts';
import { span, utc, when } from '../../format/time.ts';
import { verdictOf } from './verdict.ts';

export function Headline({ stats }: { stats: Stats }) {
  const errors = useStats({ group: 'errorType', top: '8', metrics: 'requests' });
  const { total, before } = stats;
  const { relative } = range.value;
  // Who left is of a kind, too, and no failure.
  const types = (errors.data?.groups ?? []).flatMap(({ value, total: one }) =>
    value === null || value === '' || errorsOf(one) === 0 ? [] : [{ type: value, count: errorsOf(one) }],
  );
  const { words, state } = verdictOf(total, types);
  const input = total.inputTokens;
  const cached = input === 0 ? null : total.cacheReadTokens / input;
  const lookups = total.cacheHits + total.cacheMisses;
  const figures: readonly (readonly [name: string, value: string, more: string, exact?: string])[] = [
    [
      'Calls',
      short(total.requests),
      compared(total.requests, before?.requests),
      `${whole(total.requests)} calls, ${whole(total.attempts)} attempts`,
    ],
    [
      'Failed',
      percent(errorShare(total)),
      before === null ? '' : `before ${percent(errorShare(before))}`,
      `${whole(errorsOf(total))} of ${whole(total.requests)} calls`,
    ],
    [
      'Tokens in, out',
      `${short(input)} · ${short(total.outputTokens)}`,
      cached === null ? '' : `${percent(cached)} of input from a prompt cache`,
      `${whole(input)} in, ${whole(total.outputTokens)} out`,
    ],
    [
      'Cost',
      money(total.costNano),
      total.unpriced > 0
        ? `${short(total.unpriced)} charges without a price`
        : compared(total.costNano, before?.costNano),
      exactMoney(total.costNano),
    ],
    [
      'First token p50, p95',
      `${span(total.ttftMs.p50)} · ${span(total.ttftMs.p95)}`,
      before === null ? '' : `before ${span(before.ttftMs.p50)} · ${span(before.ttftMs.p95)}`,
    ],
    ['Speed p50', rate(total.tokensPerSecond.p50, 'tok'), ''],
    ['Our overhead p99', span(total.overheadMs.p99), ''],
    [
      'Cache hits',
      lookups === 0 ? 'off' : percent(total.cacheHits / lookups),
      total.savedNano > 0 ? `${money(total.savedNano)} saved` : '',
    ],
  ];
  return (
    <>
      <p class={`verdict ${state}`} role="status">
        {words}{' '}
        <span class="muted small" title={`${utc(stats.since)} to ${utc(stats.until)}`}>
          {relative === null ? `${when(stats.since)} to ${when(stats.until)}` : `in the ${lastOf(relative)}`}
        </span>
      </p>
      {errorsOf(total) + total.requests > 0 && (
        <div class="figures">
          {figures.map(([name, value, more, exact]) => (
            <div key={name} class="figure" title={exact}>
              <span class="muted small">{name}</span>
              <b>{value}</b>
              <span class="muted small">{more}</span>
            </div>
          ))}
        </div>
      )}
    </>
  );
}

/** `last hour`. */
function lastOf(relative: string): string {
  const [, words] = PRESETS.find(([value]) => value === relative) ?? [];
  return words?.toLowerCase() ?? `last ${relative.slice(1)}`;
}

function compared(value: number, before: number | undefined): string {
  return before === undefined ? '' : `${change(value, before)} to the period before`;
}
