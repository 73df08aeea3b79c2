// Between an object of the API and the texts of its form.
import { fromLocal, localInput } from '../../format/time.ts';
import { budgetsIn, budgetText } from './budget-text.ts';
import type { FormField } from './fields.ts';

export type FormValues = Readonly<Record<string, string>>;

/** Parts of the one limit that a form can edit. */
export const LIMIT_PARTS = ['requests', 'tokens', 'concurrent', 'burst'] as const;
const NUMBERS = new Set(['concurrent', 'burst']);

export function valuesOf(
  fields: readonly FormField[],
  object: Readonly<Record<string, unknown>>,
): FormValues {
  const values: Record<string, string> = { name: String(object['name'] ?? '') };
  for (const { name, kind } of fields) {
    const value = object[name];
    if (kind === 'limits') {
      const limits = Array.isArray(value) ? value : [];
      const first = (limits[0] ?? {}) as Record<string, unknown>; // limits are objects
      for (const part of LIMIT_PARTS)
        values[`limits.${part}`] = first[part] === undefined ? '' : String(first[part]);
    } else values[name] = textOf(kind, value);
  }
  return values;
}

function textOf(kind: FormField['kind'], value: unknown): string {
  if (value === undefined || value === null) return '';
  switch (kind) {
    case 'list':
      return Array.isArray(value) ? value.join(', ') : String(value);
    case 'flag':
      return value === true ? 'true' : '';
    case 'instant':
      return localInput(Date.parse(String(value)));
    case 'budgets':
      return budgetText(value);
    case 'json':
      return JSON.stringify(value);
    default:
      return String(value);
  }
}

/** Several limits are more than a form can show: they stay as they are. */
export function hasManyLimits(object: Readonly<Record<string, unknown>>): boolean {
  return Array.isArray(object['limits']) && object['limits'].length > 1;
}

/**
 * What to send: for a new object all that is stated, for a change only what differs, null for what was taken away.
 * @throws SyntaxError for JSON that is none
 */
export function bodyOf(
  fields: readonly FormField[],
  values: FormValues,
  before: Readonly<Record<string, unknown>> | null,
): Record<string, unknown> {
  const old = before === null ? null : valuesOf(fields, before);
  const body: Record<string, unknown> = {};
  const put = (name: string, changed: boolean, value: unknown): void => {
    if (before === null ? value !== null : changed) body[name] = value;
  };
  put('name', values['name'] !== old?.['name'], values['name']);
  for (const { name, kind } of fields) {
    if (kind === 'limits') {
      if (before !== null && hasManyLimits(before)) continue;
      const changed = LIMIT_PARTS.some((part) => values[`limits.${part}`] !== old?.[`limits.${part}`]);
      put('limits', changed, limitsOf(values));
    } else put(name, values[name] !== old?.[name], fieldValue(name, kind, values[name] ?? ''));
  }
  return body;
}

function limitsOf(values: FormValues): unknown {
  const limit: Record<string, unknown> = {};
  for (const part of LIMIT_PARTS) {
    const text = (values[`limits.${part}`] ?? '').trim();
    if (text !== '') limit[part] = NUMBERS.has(part) ? Number(text) : text;
  }
  return Object.keys(limit).length === 0 ? null : [limit];
}

function fieldValue(name: string, kind: FormField['kind'], text: string): unknown {
  const trimmed = text.trim();
  if (trimmed === '') return null;
  switch (kind) {
    case 'list':
      return trimmed.split(/[\s,]+/).filter((one) => one !== '');
    case 'flag':
      return true;
    case 'instant': {
      const at = fromLocal(trimmed);
      return at === null ? null : new Date(at).toISOString();
    }
    case 'budgets':
      return budgetsIn(trimmed);
    case 'json':
      return JSON.parse(trimmed);
    default:
      return NUMBERS.has(name) ? Number(trimmed) : trimmed;
  }
}
