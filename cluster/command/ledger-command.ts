// `headgate ledger list`, `recalculations`, `cancel`: charges, and what was done to them, as lines.
import type { LedgerRow } from '../../src/contracts/log-store.ts';
import { type AdminTarget, callAdmin } from './admin-client.ts';
import { type Recalculation, usd } from './recalculate-command.ts';

export interface LedgerAsk {
  readonly what: 'charges' | 'recalculations' | 'cancel';
  /** Filters of `charges`. */
  readonly query: URLSearchParams;
  /** Of a recalculation; '' = all. */
  readonly id: string;
  readonly json: boolean;
}

/** @returns what to print. @throws AdminCallError */
export async function runLedger(target: AdminTarget, { what, query, id, json }: LedgerAsk): Promise<string> {
  if (what === 'charges') {
    const answer = (await callAdmin(target, 'GET', `/api/ledger?${query}`)) as { items: LedgerRow[] }; // as the API has it
    const rows = answer.items.toReversed();
    return rows.map((row) => `${json ? JSON.stringify(row) : chargeLine(row)}\n`).join('');
  }
  const place = `/api/ledger/recalculations${id === '' ? '' : `/${encodeURIComponent(id)}`}`;
  const answer =
    what === 'cancel'
      ? await callAdmin(target, 'POST', `${place}/cancel`, {})
      : await callAdmin(target, 'GET', place);
  if (json) return `${JSON.stringify(answer, null, 2)}\n`;
  const jobs = (id === '' ? (answer as { items: Recalculation[] }).items : [answer]) as Recalculation[]; // likewise
  return jobs.map((job) => `${jobLine(job)}\n`).join('');
}

/** When, whose, which model, what of it was used, what it cost, and what it did before it was corrected. */
export function chargeLine(row: LedgerRow): string {
  const { at, call, key, team, provider, upstreamModel, inputTokens, outputTokens, tier } = row;
  const { costNano, originalNano, estimated, recalculatedAt } = row;
  const cost = (nano: number | null): string => (nano === null ? 'no price' : `$${nano / 1e9}`);
  return [
    new Date(at).toISOString(),
    call,
    `${key}${team === '' ? '' : ` (${team})`}`,
    `${provider}/${upstreamModel}${tier === null ? '' : ` ${tier}`}`,
    `${inputTokens ?? '-'} in, ${outputTokens ?? '-'} out`,
    `${cost(costNano)}${estimated ? ', estimated' : ''}${recalculatedAt === null ? '' : `, was ${cost(originalNano)}`}`,
  ].join('  ');
}

function jobLine({
  id,
  dryRun,
  done,
  error,
  progress,
  charges,
  corrected,
  differenceNano,
}: Recalculation): string {
  const state = done ? (error === '' ? 'done' : `ended: ${error}`) : `${Math.floor(progress * 100)} %`;
  const sum = `${charges} charges, ${corrected} corrected, ${usd(differenceNano)}`;
  return [id, state, sum, dryRun ? 'dry run' : ''].filter(Boolean).join('  ');
}
