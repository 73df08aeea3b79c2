// From the records to one model's capabilities. Runs when a target is compiled (routing/model-table), never in a request.
import {
  type Capabilities,
  type CapabilityChange,
  type CapabilityRecord,
  DESCRIBED_AS,
  UNKNOWN_CAPABILITIES,
} from '../contracts/capability.ts';
import type { DialectName } from '../contracts/dialect-name.ts';
import { CAPABILITY_RECORDS } from './registry.ts';

export interface ModelKey {
  /** Name of the provider's record, or `custom`. */
  vendor: string;
  dialect: DialectName;
  /** Name at the provider. */
  model: string;
}

/** The records that describe a model, the general ones first. */
export function recordsOf(
  { vendor, dialect, model }: ModelKey,
  records: readonly CapabilityRecord[] = CAPABILITY_RECORDS,
): CapabilityRecord[] {
  const name = model.toLowerCase();
  const described = DESCRIBED_AS[dialect] ?? dialect;
  return records.filter(
    (record) =>
      record.dialect === described &&
      (record.vendors === null || record.vendors.includes(vendor)) &&
      (record.names === null || record.names.test(name)),
  );
}

/**
 * What a model takes: the dialect's own rules, then every record that matches (a later one wins), then `changes`, the
 * configuration's, in order.
 */
export function capabilitiesOf(key: ModelKey, changes: readonly CapabilityChange[] = []): Capabilities {
  let found = UNKNOWN_CAPABILITIES[key.dialect];
  for (const record of recordsOf(key)) found = withChange(found, record.change);
  for (const change of changes) found = withStated(found, change);
  return found;
}

/** What the configuration states is the whole truth of a field: a list takes the place of the one known. */
function withStated(base: Capabilities, change: CapabilityChange): Capabilities {
  return {
    ...withChange(base, change),
    refuses: change.refuses ?? base.refuses,
    renames: change.renames ?? base.renames,
    messageRefuses: change.messageRefuses ?? base.messageRefuses,
  };
}

/** `base` with what `change` states: what is refused or has another name adds up, everything else is replaced. */
function withChange(base: Capabilities, change: CapabilityChange): Capabilities {
  return {
    ...base,
    ...change,
    toolSchema: { ...base.toolSchema, ...change.toolSchema },
    toolId: { ...base.toolId, ...change.toolId },
    renames: { ...base.renames, ...change.renames },
    refuses: union(base.refuses, change.refuses),
    messageRefuses: union(base.messageRefuses, change.messageRefuses),
  };
}

function union(known: readonly string[], more: readonly string[] | undefined): readonly string[] {
  return more === undefined ? known : [...new Set([...known, ...more])];
}
