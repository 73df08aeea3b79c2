// One answer as it comes, and its numbers under it.
import { Link } from '../../app/link.tsx';
import { exactMoney, money } from '../../format/money.ts';
import { rate, short } from '../../format/number.ts';
import { span } from '../../format/time.ts';
import { Copy } from '../../parts/copy.tsx';
import type { Run } from './use-runs.ts';

export function Answer({ run }: { run: Run }) {
  const { model, text, reasoning, tools, stop, usage, ttftMs, totalMs, error, requestId, costNano } = run;
  const streamedMs = ttftMs === null || totalMs === null ? null : totalMs - ttftMs;
  const speed =
    usage === null || streamedMs === null || streamedMs <= 0 ? null : usage.output / (streamedMs / 1_000);
  return (
    <section class="panel answer" aria-label={`Answer of ${model}`} aria-busy={totalMs === null}>
      <header>
        <h2 class="mono clip" title={model}>
          {model}
        </h2>
        {text !== '' && <Copy text={text} />}
      </header>
      <div class="pad answer-text" aria-live="off">
        {reasoning !== '' && (
          <details>
            <summary>Reasoning</summary>
            <p class="muted pre">{reasoning}</p>
          </details>
        )}
        <p class="pre">
          {text}
          {totalMs === null && <span class="caret" />}
        </p>
        {tools !== '' && <pre class="json">{tools.trim()}</pre>}
        {error !== null && (
          <p class="bad" role="alert">
            {error}
          </p>
        )}
      </div>
      <footer class="row small">
        <span>
          TTFT <b class="mono">{span(ttftMs)}</b>
        </span>
        <span>
          <b class="mono">{rate(speed, 'tok')}</b>
        </span>
        <span>
          <b class="mono">{usage === null ? '–' : `${short(usage.input)} in, ${short(usage.output)} out`}</b>{' '}
          tok
        </span>
        <span title={costNano === undefined ? '' : exactMoney(costNano)}>
          cost <b class="mono">{costNano === undefined ? '–' : money(costNano)}</b>
        </span>
        <span>
          total <b class="mono">{span(totalMs)}</b>
        </span>
        {stop !== '' && <span class="muted">{stop}</span>}
        {requestId !== '' && <Link to={`/logs?open=${encodeURIComponent(requestId)}`}>its log</Link>}
      </footer>
    </section>
  );
}
