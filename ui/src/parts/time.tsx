// An instant: in the viewer's zone, in UTC on hover.
import { ago, utc, when } from '../format/time.ts';

export function Time({
  at,
  relative = false,
}: {
  at: number | string | null | undefined;
  relative?: boolean;
}) {
  const ms = typeof at === 'string' ? Date.parse(at) : at;
  if (ms === null || ms === undefined || Number.isNaN(ms)) return <span class="muted">never</span>;
  return (
    <time dateTime={new Date(ms).toISOString()} title={utc(ms)}>
      {relative ? ago(ms) : when(ms)}
    </time>
  );
}
