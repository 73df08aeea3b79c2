// The attempts of a call over its time: waiting for a place, for the head of the answer, and the answer itself.
import type { LogRow } from '../../api/logs.ts';
import { percent } from '../../format/number.ts';
import { span } from '../../format/time.ts';
import { barsOf } from './bars.ts';

const WORDS = {
  pause: 'paused before it was tried again',
  queue: 'queued',
  connect: 'connected',
  wait: 'waited for the answer',
  stream: 'answered',
} as const;
const KINDS = Object.keys(WORDS) as (keyof typeof WORDS)[];

export function Waterfall({ call, attempts }: { call: LogRow; attempts: readonly LogRow[] }) {
  if (attempts.length === 0)
    return <p class="muted">It ended before any provider was asked, after {span(call.totalMs)}.</p>;
  const lines = barsOf(call, attempts);
  return (
    <section>
      <h3>How it went</h3>
      <ol class="waterfall">
        {lines.map(({ row, parts }) => (
          <li key={row.id}>
            <div class="row small">
              <b>{row.attempt}</b>
              <span class="break">
                {row.provider || 'cache'}
                {row.upstreamModel !== '' && <span class="muted"> {row.upstreamModel}</span>}
                {row.keyAlias !== '' && <span class="muted"> · key {row.keyAlias}</span>}
              </span>
              <span class="fill" />
              {row.outcome !== 'ok' && (
                <span class={row.owner || 'off'}>{row.errorType.replaceAll('_', ' ') || row.outcome}</span>
              )}
              <span class="num">{span(row.attemptMs)}</span>
            </div>
            <div
              class="track"
              role="img"
              aria-label={parts.map(({ kind, ms }) => `${WORDS[kind]} ${span(ms)}`).join(', ')}
            >
              {parts.map(({ kind, from, width, ms }) => (
                <i
                  key={kind}
                  class={`bar ${kind}${row.outcome === 'error' ? ' failed' : ''}`}
                  style={{ left: `${from * 100}%`, width: `max(2px, ${width * 100}%)` }}
                  title={`${WORDS[kind]} ${span(ms)} (${percent(width)})`}
                />
              ))}
            </div>
          </li>
        ))}
      </ol>
      <div class="row small muted waterfall-key">
        {KINDS.filter((kind) => lines.some(({ parts }) => parts.some((part) => part.kind === kind))).map(
          (kind) => (
            <span key={kind}>
              <i class={`bar ${kind}`} /> {WORDS[kind]}
            </span>
          ),
        )}
        <span class="fill" />
        <span>
          total {span(call.totalMs)} · first token {span(call.ttftMs)} · our overhead {span(call.overheadMs)}
        </span>
      </div>
    </section>
  );
}
