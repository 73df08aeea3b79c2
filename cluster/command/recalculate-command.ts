// `headgate ledger recalculate`: begins it and shows how far it is. It goes on by itself: whoever looks away stops nothing.
import { type AdminTarget, callAdmin } from './admin-client.ts';
import { UsageError } from './usage.ts';

const LOOK_MS = 500;
/** Keys and teams that are shown. */
const SHOWN = 20;

/** As the API has it. */
export interface Recalculation {
  readonly id: string;
  readonly dryRun: boolean;
  readonly done: boolean;
  readonly error: string;
  readonly progress: number;
  readonly charges: number;
  readonly corrected: number;
  readonly priced: number;
  readonly unpriced: number;
  readonly kept: number;
  readonly differenceNano: number;
  readonly byKey: readonly Difference[];
  readonly byTeam: readonly Difference[];
}
interface Difference {
  readonly name: string;
  readonly charges: number;
  readonly differenceNano: number;
}

/** @param query filters as the command line has them. @throws UsageError */
export function recalculateBody(query: URLSearchParams, dryRun: boolean): object {
  const lists = { model: 'models', provider: 'providers', key: 'keys', team: 'teams' } as const;
  const body: Record<string, unknown> = { dryRun };
  for (const [name, value] of query) {
    if (name === 'since' || name === 'until') body[name] = value;
    else if (Object.hasOwn(lists, name)) body[lists[name as keyof typeof lists]] = value.split(',');
    else throw new UsageError(`\`--${name}\` is no filter of \`headgate ledger recalculate\``);
  }
  if (body['since'] === undefined)
    throw new UsageError('say from when on: `headgate ledger recalculate --since 7d`');
  return body;
}

/** @returns the exit code: 1 when it ended before its end. @throws AdminCallError */
export async function runRecalculate(
  target: AdminTarget,
  body: object,
  { json, detach }: { readonly json: boolean; readonly detach: boolean },
  write: (text: string) => void,
): Promise<number> {
  let job = (await callAdmin(target, 'POST', '/api/ledger/recalculate', body)) as Recalculation;
  const place = `/api/ledger/recalculations/${job.id}`;
  if (!json) write(`${job.id}${detach ? ` goes on by itself: GET ${place}` : ''}\n`);
  let shown = -1;
  while (!job.done && !detach) {
    const percent = Math.floor(job.progress * 100);
    if (!json && percent !== shown) write(`${percent} %, ${job.charges} charges\n`);
    shown = percent;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    job = (await callAdmin(target, 'GET', place)) as Recalculation;
  }
  if (json) write(`${JSON.stringify(job, null, 2)}\n`);
  else if (!detach) write(recalculationText(job));
  return job.error === '' ? 0 : 1;
}

function recalculationText(job: Recalculation): string {
  const { dryRun, error, charges, corrected, priced, unpriced, kept, differenceNano, byKey, byTeam } = job;
  const lines = [
    ...tableOf('key', byKey),
    ...tableOf('team', byTeam),
    `${charges} charges, ${corrected} ${dryRun ? 'would come' : 'come'} to something else: ${usd(differenceNano)}`,
    `${priced} that had no price have one now, ${unpriced} still have none, ${kept} were left since they would have none`,
    ...(error === '' ? [] : [`it ended before its end: ${error}`]),
    ...(dryRun ? ['nothing was written: this was a dry run'] : []),
  ];
  return `${lines.join('\n')}\n`;
}

function tableOf(what: string, differences: readonly Difference[]): string[] {
  const some = differences.slice(0, SHOWN);
  const more = differences.length - some.length;
  return [
    ...some.map(
      ({ name, charges, differenceNano }) =>
        `${what} ${JSON.stringify(name)}: ${usd(differenceNano)} (${charges} charges)`,
    ),
    ...(more > 0 ? [`… and ${more} more`] : []),
  ];
}

/** With its sign. */
export const usd = (nano: number): string => `${nano < 0 ? '-' : '+'}$${Math.abs(nano) / 1e9}`;
