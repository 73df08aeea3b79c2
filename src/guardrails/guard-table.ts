// Which guardrails are for which calls, decided once for each caller, model and operation.
import { createHash, hkdfSync } from 'node:crypto';
import type { Call } from '../contracts/call.ts';
import type { Config } from '../contracts/config.ts';
import type { GuardrailConfig } from '../contracts/guardrail.ts';
import type { OperationName } from '../contracts/operation.ts';
import type { Principal } from '../contracts/principal.ts';
import { type BodySkim, bodySkimOf } from './body-skim.ts';
import { compileGuard, type Guard, isReader } from './guard.ts';
import { SchemaBook } from './json-schema.ts';
import { isFor } from './when.ts';

/** Guardrails of some calls, in the order of the configuration. */
export interface GuardSet {
  readonly guards: readonly Guard[];
  /** Those that look at requests. */
  readonly readers: readonly Guard[];
  /** One of them looks at a part of all calls. */
  readonly sampled: boolean;
  /** Changes with whatever they say. */
  readonly print: string;
  /** Tells of a JSON request whether its texts have to be looked at; null = always. */
  readonly skim: BodySkim | null;
}

/** Callers times models that are remembered. */
const MAX_SETS = 4_096;

/** What the guardrails of a call depend on, but for who calls. */
type Asked = Pick<Call, 'customer' | 'model' | 'facts' | 'plan' | 'operation'>;

/** What a call asked that named no fallbacks, and its guardrails. */
interface Last extends Omit<Asked, 'facts'> {
  readonly named: string | null;
  readonly set: GuardSet | null;
}

/** Of one caller. */
interface Sets {
  readonly byNames: Map<string, GuardSet | null>;
  /** Most callers ask for one model, in one way. */
  last: Last | null;
}

export class GuardTable {
  /** Makes placeholders. */
  readonly secret: Buffer;
  readonly #guards: readonly Guard[];
  readonly #byCustomer: boolean;
  readonly #sets = new WeakMap<Principal, Sets>();
  readonly #byGuards = new Map<string, GuardSet>();

  /** @throws Error when a guardrail cannot be compiled. */
  constructor(guardrails: readonly GuardrailConfig[], config: Pick<Config, 'guardrailSecret' | 'providers'>) {
    const schemas = new SchemaBook();
    this.#guards = guardrails.map((guardrail) => compileGuard(guardrail, schemas));
    this.#byCustomer = this.#guards.some(({ config: { when } }) => when.customers !== undefined);
    this.secret = secretOf(config);
  }

  /** Those of a call whose plan is known. @returns null = none. */
  of(principal: Principal, asked: Asked): GuardSet | null {
    let sets = this.#sets.get(principal);
    if (sets === undefined) {
      sets = { byNames: new Map(), last: null };
      this.#sets.set(principal, sets);
    }
    const { last } = sets;
    if (last !== null && this.#isAsBefore(asked, last)) return last.set;
    const set = this.#named(principal, sets, asked);
    const { customer, model, facts, plan, operation } = asked;
    // The facts themselves would keep the places of a whole body.
    if (facts !== null && facts.fallbacks === null)
      sets.last = { customer, model, plan, operation, named: facts.model, set };
    return set;
  }

  #isAsBefore({ plan, operation, model, facts, customer }: Asked, last: Last): boolean {
    return (
      plan === last.plan &&
      operation === last.operation &&
      model === last.model &&
      facts !== null &&
      facts.fallbacks === null &&
      facts.model === last.named &&
      (!this.#byCustomer || customer === last.customer)
    );
  }

  #named(principal: Principal, { byNames }: Sets, asked: Asked): GuardSet | null {
    const models = namesOf(asked);
    const { customer } = asked;
    const operation = asked.operation!.name;
    const key = `${operation}\0${models.join('\0')}\0\0${this.#byCustomer ? customer : ''}`;
    let set = byNames.get(key);
    if (set === undefined) {
      if (byNames.size >= MAX_SETS) byNames.clear();
      set = this.#find(principal, customer, models, operation);
      byNames.set(key, set);
    }
    return set;
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
      readers: guards.filter(isReader),
      sampled: guards.some(({ config }) => config.sample < 1),
      print,
      skim: bodySkimOf(guards),
    };
    this.#byGuards.set(print, set);
    return set;
  }
}

/** All names that lead the call somewhere: a guardrail of one of them counts. */
function namesOf({ model, facts, plan }: Asked): string[] {
  const names = [model, facts?.model ?? '', ...(facts?.fallbacks ?? [])];
  for (const { label } of plan?.targets ?? []) names.push(label);
  return [...new Set(names)].filter((name) => name !== '');
}

/** The same on every worker and node that has the same configuration; known to nobody who has not. */
function secretOf({ guardrailSecret, providers }: Pick<Config, 'guardrailSecret' | 'providers'>): Buffer {
  const material =
    guardrailSecret ?? providers.flatMap(({ keys }) => keys.map(({ value }) => value)).join('\n');
  return Buffer.from(hkdfSync('sha256', material, '', 'headgate guardrail placeholders', 32));
}
