// The records as the tables of docs/models.md.
import type { CapabilityRecord } from '../contracts/capability.ts';

/** One row a record: whom it describes, what it states, since when, and where that was read. */
export function recordsText(records: readonly CapabilityRecord[]): string {
  const rows = records.map(({ family, names, vendors, dialect, from, source, checked, change }) => {
    const where = vendors === null ? `any, ${dialect}` : vendors.join(', ');
    const which = names === null ? 'all' : `\`${names.source.replaceAll('|', '\\|')}\``;
    return `| ${family} | ${where} | ${which} | ${stated(change)} | ${from} | ${source} (${checked}) |`;
  });
  return [
    '| family | at | names | states | from | source (checked) |',
    '|---|---|---|---|---|---|',
    ...rows,
  ].join('\n');
}

function stated(change: object): string {
  return Object.entries(change)
    .map(([field, value]) => {
      if (typeof value !== 'object' || value === null) return `${field}: ${String(value)}`;
      if (Array.isArray(value)) return `${field}: ${value.length === 0 ? 'none' : value.join(' ')}`;
      const parts = Object.entries(value as Record<string, unknown>).map(
        ([key, of]) => `${key} ${typeof of === 'object' ? JSON.stringify(of) : String(of)}`,
      );
      return `${field}: ${parts.join(', ')}`;
    })
    .join('; ');
}
