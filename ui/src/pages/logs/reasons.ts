// Sentences on how a call came to its target, from what its rows say.
import type { LogRow } from '../../api/logs.ts';

type Call = Pick<
  LogRow,
  'requestedModel' | 'model' | 'cache' | 'cacheType' | 'outcome' | 'rescued' | 'error' | 'errorType'
>;
type Attempt = Pick<LogRow, 'attempt' | 'provider' | 'upstreamModel' | 'outcome' | 'errorType' | 'status'>;

export function whyOf(call: Call, attempts: readonly Attempt[]): string[] {
  const lines: string[] = [];
  const asked = call.requestedModel || call.model;
  if (asked !== '')
    lines.push(
      call.model === '' || call.model === asked
        ? `“${asked}” was asked for.`
        : `“${asked}” was asked for and stands for “${call.model}”.`,
    );
  if (call.cache === 'hit' || call.cache === 'stale')
    lines.push(`The ${call.cacheType || 'exact'} cache had the answer: no provider was asked.`);
  for (const [index, one] of attempts.entries()) {
    const where = `${one.provider}${one.upstreamModel === '' ? '' : ` with ${one.upstreamModel}`}`;
    const before = attempts[index - 1];
    const again =
      before !== undefined && before.provider === one.provider && before.upstreamModel === one.upstreamModel;
    const how =
      index === 0 ? 'The plan’s first choice was' : again ? 'It was asked again:' : 'The next choice was';
    lines.push(
      one.outcome === 'ok'
        ? `${how} ${where}, which answered.`
        : `${how} ${where}: ${one.errorType.replaceAll('_', ' ') || one.outcome}${one.status > 0 ? ` (${one.status})` : ''}.`,
    );
  }
  if (call.rescued !== '') lines.push(`The stream broke off and was told whole: ${call.rescued}.`);
  if (attempts.length === 0 && call.outcome === 'error' && call.cache !== 'hit')
    lines.push(
      `It was refused before any provider was asked: ${call.errorType.replaceAll('_', ' ') || call.error}.`,
    );
  return lines;
}
