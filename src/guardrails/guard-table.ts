// Which guardrails are for which calls, decided once for each caller, model and operation.
import { createHash, hkdfSync } from 'node:crypto';
import type { Config } from '../contracts/config.ts';
import type { GuardrailConfig } from '../contracts/guardrail.ts';
import type { OperationName } from '../contracts/operation.ts';
import type { Principal } from '../contracts/principal.ts';
import { compileGuard, type Guard } from './guard.ts';
import { SchemaBook } from './json-schema.ts';
import { isFor } from './when.ts';

/** Guardrails of some calls, in the order of the configuration. */
export interface GuardSet {
  readonly guards: readonly Guard[];
  /** What of requests they look at: whether anything is to be read. */
  readonly reads: boolean;
  /** They look at answers, or turn placeholders back in them. */
  readonly filters: boolean;
  /** Changes with whatever they say. */
  readonly print: string;
}

/** Callers times models that are remembered. */
const MAX_SETS = 4_096;

export class GuardTable {
  /** Makes placeholders. */
  readonly secret: Buffer;
  readonly #guards: readonly Guard[];
  readonly #sets = new WeakMap<Principal, Map<string, GuardSet | null>>();
  readonly #byGuards = new Map<string, GuardSet>();

  /** @throws Error when a guardrail cannot be compiled. */
  constructor(guardrails: readonly GuardrailConfig[], config: Pick<Config, 'guardrailSecret' | 'providers'>) {
    const schemas = new SchemaBook();
    this.#guards = guardrails.map((guardrail) => compileGuard(guardrail, schemas));
    this.secret = secretOf(config);
  }

  /** @param models every name that leads the call somewhere: one that fits is enough. @returns null = none. */
  of(
    principal: Principal,
    customer: string | null,
    models: readonly string[],
    operation: OperationName,
  ): GuardSet | null {
    let sets = this.#sets.get(principal);
    if (sets === undefined) {
      sets = new Map();
      this.#sets.set(principal, sets);
    }
    const key = `${operation}\0${models.join('\0')}\0\0${this.#byCustomer ? customer : ''}`;
    let set = sets.get(key);
    if (set === undefined) {
      if (sets.size >= MAX_SETS) sets.clear();
      set = this.#find(principal, customer, models, operation);
      sets.set(key, set);
    }
    return set;
  }

  get #byCustomer(): boolean {
    return this.#guards.some(({ config }) => config.when.customers !== undefined);
  }

  #find(
    principal: Principal,
    customer: string | null,
    models: readonly string[],
    operation: OperationName,
  ): GuardSet | null {
    const guards = this.#guards.filter(({ config }) =>
      isFor(config.when, { principal, customer, models, operation }),
    );
    if (guards.length === 0) return null;
    const print = createHash('sha256')
      .update(JSON.stringify(guards.map(({ config }) => config)))
      .digest('base64url')
      .slice(0, 22);
    const known = this.#byGuards.get(print);
    if (known !== undefined) return known;
    const set: GuardSet = {
      guards,
      reads: guards.some(({ input, toolResult }) => input || toolResult),
      filters: guards.some(({ output, toolCall, reversible }) => output || toolCall || reversible),
      print,
    };
    this.#byGuards.set(print, set);
    return set;
  }
}

/** The same on every worker and node that has the same configuration; known to nobody who has not. */
function secretOf({ guardrailSecret, providers }: Pick<Config, 'guardrailSecret' | 'providers'>): Buffer {
  const material =
    guardrailSecret ?? providers.flatMap(({ keys }) => keys.map(({ value }) => value)).join('\n');
  return Buffer.from(hkdfSync('sha256', material, '', 'headgate guardrail placeholders', 32));
}
