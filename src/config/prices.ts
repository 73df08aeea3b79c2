// Prices of the file: every field must be one that is understood, else a charge would be wrong in silence.
import type { Config } from '../contracts/config.ts';
import { nearest } from '../names/nearest.ts';
import { isPriceField, PRICE_FIELDS } from '../prices/fields.ts';
import type { BuildContext } from './build-context.ts';
import type { FileConfig } from './schema.ts';

export function buildPrices(stated: FileConfig['prices'], context: BuildContext): Pick<Config, 'prices'> {
  if (stated === undefined || !context.sound(['prices'])) return {};
  for (const [name, fields] of Object.entries(stated)) {
    for (const field of Object.keys(fields)) {
      if (isPriceField(field)) continue;
      const near = nearest(field, PRICE_FIELDS);
      const hint = near === null ? '' : `; did you mean \`${near}\`?`;
      context.report(['prices', name, field], `no field of a price${hint}`);
    }
  }
  return { prices: stated };
}
