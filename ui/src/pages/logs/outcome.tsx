// How a call ended, in a word, a mark and a colour; and whose it was.
import type { LogRow } from '../../api/logs.ts';

export function Outcome({
  row,
}: {
  row: Pick<LogRow, 'outcome' | 'owner' | 'status' | 'errorType' | 'error'>;
}) {
  const { outcome, owner, status, errorType, error } = row;
  if (outcome === 'ok')
    return (
      <span class="clip">
        <span class="ok">✓ {status}</span>
      </span>
    );
  if (outcome === 'cancelled')
    return (
      <span class="clip off" title="The caller left before the end">
        ◌ {status} left
      </span>
    );
  return (
    <span class="clip" title={`${errorType || error}${owner === '' ? '' : `, ${owner}`}`}>
      <span class={owner === '' ? 'bad' : owner}>
        ✕ {status === 0 ? 'no answer' : status} {owner}
      </span>
    </span>
  );
}
