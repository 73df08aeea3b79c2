// How a provider is asked for an operation: in which of its dialects, and by what. Pure.
import type { ProviderConfig } from '../contracts/config.ts';
import type { Dialect, DialectName } from '../contracts/dialect.ts';
import type { Operation, OperationName } from '../contracts/operation.ts';
import type { Spoken } from '../contracts/provider.ts';

export interface Served {
  readonly spoken: Spoken;
  /** The operation asked for, or the one that stands in for it. */
  readonly operation: OperationName;
}

/** The provider's own way to speak a dialect, if it does. */
export function spokenTo({ speaks }: ProviderConfig, name: DialectName): Spoken | undefined {
  return speaks.find(({ dialect }) => dialect === name);
}

/**
 * The client's own dialect where the provider speaks it and has the operation in it, so that nothing is translated for
 * nothing; else the first of its dialects that has it.
 *
 * @param operation absent = chat.
 * @returns null when it has nothing of the kind.
 */
export function servedBy(
  provider: ProviderConfig,
  operation: Operation | undefined,
  client: DialectName,
  dialectOf: (name: DialectName) => Dialect,
): Served | null {
  const chat = spokenTo(provider, client) ?? provider.speaks[0]!;
  if (operation === undefined) return { spoken: chat, operation: 'chat' };
  const { name, standIn, estimated } = operation;
  // What the gateway answers itself where nobody else does is asked of all.
  if (name === 'chat' || estimated) return { spoken: chat, operation: name };
  if (provider.endpoints === undefined || provider.endpoints[name] !== undefined) {
    const has = ({ dialect }: Spoken): boolean => (dialectOf(dialect)[name] ?? null) !== null;
    const spoken = has(chat) ? chat : provider.speaks.find(has);
    if (spoken !== undefined) return { spoken, operation: name };
  }
  return standIn === null ? null : { spoken: chat, operation: standIn };
}
