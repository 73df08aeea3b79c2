// A row of the request log as one line for a terminal. Whatever callers wrote in it, it moves no cursor.
import type { LoggedRow } from '../../src/contracts/log-store.ts';

const NANO = 1_000_000_000;
/** Most names are shorter: what follows stands below each other. */
const KEY_WIDTH = 16;

export function logLine(row: LoggedRow): string {
  const { at, status, outcome, key, model, provider, upstreamModel, attempts, costNano } = row;
  const served = provider === '' ? '-' : `${provider}/${upstreamModel}`;
  const asked = model === '' ? row.requestedModel || '-' : model;
  const tokens =
    row.inputTokens === null && row.outputTokens === null
      ? '-'
      : `${row.inputTokens ?? '?'}+${row.outputTokens ?? '?'} tok`;
  const parts = [
    new Date(at).toISOString(),
    String(status),
    outcome.padEnd(9),
    (key === '' ? '-' : key).padEnd(KEY_WIDTH),
    // Called by its own name, it is said once.
    asked === served ? served : `${asked} → ${served}`,
    ...(attempts > 1 ? [`${attempts} attempts`] : []),
    `${ms(row.totalMs)}${row.ttftMs === null || !row.stream ? '' : `, first ${ms(row.ttftMs)}`}`,
    tokens,
    costNano === null ? 'no price' : `$${usd(costNano)}`,
    ...(row.cache === 'hit' ? ['cache hit'] : []),
    ...(row.errorType === '' ? [] : [row.errorType]),
    row.call,
  ];
  return plain(parts.join('  '));
}

/** Control characters, those of eight bits and of direction included, as what they are called. */
export function plain(text: string): string {
  return text.replace(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

const ms = (value: number): string =>
  value >= 1_000 ? `${(value / 1_000).toFixed(1)} s` : `${Math.round(value)} ms`;

/** As many digits as matter: never rounded to zero. */
function usd(nano: number): string {
  if (nano === 0) return '0';
  const value = nano / NANO;
  return value >= 0.01 ? value.toFixed(4) : value.toFixed(9).replace(/0+$/, '');
}
