// A price in words.
import type { ModelPrice, PriceChange, PriceComponent } from '../../api/prices.ts';
import { dollars } from '../../format/money.ts';
import { short } from '../../format/number.ts';

/** Tokens are priced by the million. */
export const MILLION = 1_000_000;

/** Text in and out, the standard way; of what has neither, its first component. */
export function summaryOf({ components }: Pick<ModelPrice, 'components'>): string {
  const plain = (kind: string): PriceComponent | undefined =>
    components.find(
      (one) => one.kind === kind && one.unit === 'token' && one.tier === null && one.over === 0,
    );
  const [input, output] = [plain('input'), plain('output')];
  if (input !== undefined || output !== undefined)
    return [
      input === undefined ? '' : `${dollars(input.usd * MILLION)} in`,
      output === undefined ? '' : `${dollars(output.usd * MILLION)} out`,
    ]
      .filter((part) => part !== '')
      .join(', ')
      .concat(' per 1M tok');
  const [first] = components;
  return first === undefined ? 'free' : `${dollars(first.usd)} per ${first.unit}`;
}

export function isToken({ unit }: PriceComponent): boolean {
  return unit.endsWith('token');
}

/** What a component counts. */
export function wordsOf({ kind, unit, tier, over, ttl, size }: PriceComponent): string {
  return [
    kind.replace('_', ' '),
    unit === 'token' ? '' : unit.replace('_token', ''),
    tier ?? '',
    over === 0 ? '' : `above ${short(over)} tok`,
    ttl === null ? '' : `kept ${ttl}`,
    size ?? '',
  ]
    .filter((part) => part !== '')
    .join(', ');
}

/** Whose word it is, and under which name. */
export function originOf({ source, managed, statedAs }: ModelPrice): string {
  if (managed === null || statedAs === null) return source ?? '';
  return `${source ?? ''}: ${statedAs} ${managed === 'file' ? 'in the configuration file' : 'by the API'}`;
}

/** When another price holds. */
export function timeOf({ from, hours }: PriceChange): string {
  const begun = from === null ? '' : `from ${from.slice(0, 10)}`;
  return [begun, hours ?? ''].filter((part) => part !== '').join(', ');
}
