// What the dialects' lists of models have in common. Servers that speak a dialect are many, and their lists are theirs:
// what cannot be read is passed over.
import type { JsonObject } from '../contracts/json.ts';
import type { ProviderModel } from '../contracts/model-list.ts';
import { stringAt } from './lenient.ts';
import { isObject } from './read.ts';

const MAX_ID = 256;
const MAX_DISPLAY_NAME = 256;

/** The entries of `list` that name a model. @param createdMs reads an entry's time. */
export function readModels(
  list: readonly unknown[],
  createdMs: (entry: JsonObject) => number | null,
): ProviderModel[] {
  const models: ProviderModel[] = [];
  for (const entry of list) {
    if (!isObject(entry)) continue;
    const id = stringAt(entry, 'id');
    // A path of ours must be able to name it.
    if (id === null || id === '' || id.length > MAX_ID || /[\0-\x20\x7f]/.test(id)) continue;
    const name = stringAt(entry, 'display_name');
    const displayName = name === null || name === '' ? null : name.slice(0, MAX_DISPLAY_NAME);
    models.push({ id, displayName, createdMs: createdMs(entry) });
  }
  return models;
}

/** A time that JSON can say as a date of four digits; else null. */
export function plausibleTime(ms: number | null): number | null {
  return ms !== null && ms > 0 && ms < 253_402_300_800_000 ? ms : null;
}
