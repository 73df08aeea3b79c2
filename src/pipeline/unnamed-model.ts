// A request to Responses that names no model: its provider knows it, by a prompt that lies there (`prompt`) or by what the request goes
// on from. It is handed on, to a provider that keeps responses itself. Perplexity's clients name a `preset` in the place of a model.
import { memberSpan } from '../body/member-edits.ts';
import type { Call } from '../contracts/call.ts';
import type { ProviderConfig } from '../contracts/provider-config.ts';
import type { Plan } from '../contracts/plan.ts';
import { PROVIDER_HEADER } from './name-provider.ts';

const DIALECT = 'openai-responses';

/** @returns null where it has to name one. */
export function unnamedPlan({ route, head, prefix, snapshot, operation, body, facts }: Call): Plan | null {
  if (route.dialect !== DIALECT || route.kind !== 'model') return null;
  const preset = body !== null && facts !== null && memberSpan(body, facts.members, 'preset') !== null;
  const knows = ({ quirks, speaks }: ProviderConfig): boolean =>
    speaks.some(
      ({ dialect, hosted }) =>
        dialect === DIALECT && (preset ? hosted === 'perplexity' : quirks.keepsResponses === true),
    );
  const { providers } = snapshot.config;
  const stated = head.headers.get(PROVIDER_HEADER);
  const named = providers.find(({ name }) => name === (stated ?? prefix));
  const found = named ?? (stated === undefined ? providers.find(knows) : undefined);
  return found === undefined || !knows(found) ? null : snapshot.models.at(found.name, DIALECT, operation!);
}
