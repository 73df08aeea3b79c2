// How a provider is asked for an operation: in which of its dialects, and by what. Pure.
import type { ProviderConfig } from '../contracts/provider-config.ts';
import { codecOf, type Dialect, type DialectName } from '../contracts/dialect.ts';
import type { Operation, OperationName } from '../contracts/operation.ts';
import type { Spoken } from '../contracts/provider.ts';
import { matchesPattern } from '../names/pattern.ts';

export interface Served {
  readonly spoken: Spoken;
  /** The operation asked for, or the one that stands in for it. */
  readonly operation: OperationName;
}

/**
 * Where the client's own dialect is not spoken, the one that says most of what it can say, before the provider's first. Those
 * that are not here have no relative.
 */
const NEAREST: Readonly<Partial<Record<DialectName, DialectName>>> = {
  'openai-chat': 'openai-responses',
  'openai-responses': 'openai-chat',
  'bedrock-invoke': 'anthropic',
};

/** The provider's ways to speak to `model`, preferred first; never empty. */
export function waysTo({ speaks }: ProviderConfig, model: string): readonly Spoken[] {
  if (speaks.every(({ models, only }) => models === undefined && only === undefined)) return speaks;
  const naming = speaks.filter(({ models }) => models?.some((pattern) => matchesPattern(pattern, model)));
  if (naming.length > 0) return naming;
  const rest = speaks.filter(
    ({ models, only }) =>
      models === undefined && (only === undefined || only.some((pattern) => matchesPattern(pattern, model))),
  );
  return rest.length > 0 ? rest : speaks;
}

/** The provider's own way to speak a dialect to `model`, if it does. */
export function spokenTo(provider: ProviderConfig, name: DialectName, model: string): Spoken | undefined {
  return waysTo(provider, model).find(({ dialect }) => dialect === name);
}

/**
 * The client's own dialect where the provider speaks it and has the operation in it, so that nothing is translated for
 * nothing; else the nearest to it, else the first of its dialects that has it.
 *
 * @param operation absent = chat.
 * @returns null when it has nothing of the kind.
 */
export function servedBy(
  provider: ProviderConfig,
  model: string,
  operation: Operation | undefined,
  client: DialectName,
  dialectOf: (name: DialectName) => Dialect,
): Served | null {
  const ways = waysTo(provider, model);
  const of = (name: DialectName | undefined): Spoken | undefined =>
    ways.find(({ dialect }) => dialect === name);
  const chat = of(client) ?? of(NEAREST[client]) ?? ways[0]!;
  if (operation === undefined) return { spoken: chat, operation: 'chat' };
  const { name, standIn, natives, estimated, raw, fills } = operation;
  if (raw !== undefined) {
    // What is forwarded as it is speaks for itself.
    const own = of(client) ?? (raw.verbatim ? ways[0] : undefined);
    const { endpoints } = provider;
    const known = raw.verbatim || endpoints === undefined || endpoints[name] !== undefined;
    return own === undefined || !known ? null : { spoken: own, operation: name };
  }
  // What the gateway answers itself where nobody else does is asked of all.
  if (name === 'chat' || estimated) return { spoken: chat, operation: name };
  const itself = (asked: OperationName): Served | null => {
    if (provider.endpoints !== undefined && provider.endpoints[asked] === undefined) return null;
    const has = ({ dialect }: Spoken): boolean => codecOf(dialectOf(dialect), asked) !== null;
    const spoken = has(chat) ? chat : ways.find(has);
    return spoken === undefined ? null : { spoken, operation: asked };
  };
  if (fills === true) return itself(provider.quirks.fim === true ? 'fim' : 'completion');
  const native = natives === undefined || natives.some((pattern) => matchesPattern(pattern, model));
  const own = native ? itself(name) : null;
  return own !== null || standIn === null ? own : { spoken: chat, operation: standIn };
}
