// Which calls a rule of the configuration is for.
import type { GuardWhen } from '../contracts/guardrail.ts';
import type { OperationName } from '../contracts/operation.ts';
import type { Principal } from '../contracts/principal.ts';
import { listsOperation } from '../names/listed-operation.ts';
import { matchesPattern } from '../names/pattern.ts';

/** Of a call, what rules ask about. */
export interface WhoAndWhat {
  readonly principal: Principal;
  readonly customer: string | null;
  /** Every name that leads the call somewhere: one that fits is enough. */
  readonly models: readonly string[];
  readonly operation: OperationName;
}

/** Every list that stands must have the call's. */
export function isFor(when: GuardWhen, { principal, customer, models, operation }: WhoAndWhat): boolean {
  const { name, team, organization, user, project, tags } = principal;
  const has = (list: readonly string[] | undefined, value: string | null): boolean =>
    list === undefined || (value !== null && list.includes(value));
  return (
    (when.operations === undefined || listsOperation(when.operations, operation)) &&
    has(when.keys, name) &&
    has(when.teams, team) &&
    has(when.organizations, organization) &&
    has(when.users, user) &&
    has(when.projects, project) &&
    has(when.customers, customer) &&
    (when.tags === undefined || when.tags.some((tag) => tags.includes(tag))) &&
    (when.models === undefined ||
      when.models.some((pattern) => models.some((model) => matchesPattern(pattern, model))))
  );
}
