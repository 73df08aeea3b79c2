// Prices of the file: every field must be one that is understood, else a charge would be wrong in silence.
import { isTimeZone } from '../budgets/zone-clock.ts';
import type { Config } from '../contracts/config.ts';
import type { PriceChange, PriceFields } from '../contracts/price.ts';
import { nearest } from '../names/nearest.ts';
import { isPriceField, PRICE_FIELDS } from '../prices/fields.ts';
import { hoursOf } from '../prices/hours.ts';
import type { BuildContext } from './build-context.ts';
import type { Path } from './path.ts';
import type { FileConfig } from './schema/schema.ts';

export function buildPrices(stated: FileConfig['prices'], context: BuildContext): Pick<Config, 'prices'> {
  if (stated === undefined || !context.sound(['prices'])) return {};
  for (const [name, fields] of Object.entries(stated)) checkFields(fields, ['prices', name], context);
  return { prices: stated };
}

/** In the order of time. */
export function buildPriceChanges(
  stated: FileConfig['priceChanges'],
  context: BuildContext,
): Pick<Config, 'priceChanges'> {
  if (stated === undefined || !context.sound(['priceChanges'])) return {};
  const changes = stated.map(({ model, from, hours, days, timezone, prices }, at): PriceChange => {
    const path = ['priceChanges', at];
    checkFields(prices, [...path, 'prices'], context);
    const fromMs = from === undefined ? 0 : Date.parse(from);
    if (Number.isNaN(fromMs)) context.report([...path, 'from'], 'no such day or time');
    const timed = hours !== undefined || days !== undefined;
    if (from === undefined && !timed)
      context.report(path, 'it needs `from`, `hours` or `days`: what always holds stands in `prices`');
    if (timezone !== undefined && !timed)
      context.report([...path, 'timezone'], 'it is that of `hours` and `days`, and there are none');
    if (timezone !== undefined && !isTimeZone(timezone))
      context.report([...path, 'timezone'], 'there is no such time zone');
    return { model, fromMs, prices, ...(timed ? { hours: hoursOf(hours, timezone, days) } : {}) };
  });
  return { priceChanges: changes.sort((one, other) => one.fromMs - other.fromMs) };
}

function checkFields(fields: PriceFields, path: Path, context: BuildContext): void {
  for (const field of Object.keys(fields)) {
    if (isPriceField(field)) continue;
    const near = nearest(field, PRICE_FIELDS);
    const hint = near === null ? '' : `; did you mean \`${near}\`?`;
    context.report([...path, field], `no field of a price${hint}`);
  }
}
