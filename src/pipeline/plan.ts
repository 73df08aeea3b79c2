// Names the targets of a call: the model's own, then the fallbacks the request lists.

import { memberSpan } from '../body/member-edits.ts';
import type { Call, StageResult } from '../contracts/call.ts';
import { GatewayError } from '../contracts/errors.ts';
import type { Plan } from '../contracts/plan.ts';
import type { Principal } from '../contracts/principal.ts';
import { manners } from '../registry/manners.ts';
import { behindClaudeName } from '../routing/claude-names.ts';
import { withFallbacks } from '../routing/plan-tiers.ts';
import { armOf } from '../routing/split.ts';
import { pinOf } from './conversation.ts';
import { PROVIDER_HEADER } from './name-provider.ts';
import { unnamedPlan } from './unnamed-model.ts';

/** Bytes of `""`. */
const EMPTY = 2;
const QUOTE = 0x22;
/** How many fallbacks one request may list. */
const MAX_FALLBACKS = 10;

/** Sets `call.plan` and `call.model`. */
export function plan(call: Call): StageResult {
  const facts = call.facts!;
  facts.model ??= call.operation!.defaultModel ?? null;
  if (facts.model === null || facts.model === '') {
    // A vendor's default: no model names the provider, and something else did.
    if (call.plan !== null) return 'continue';
    const unnamed = facts.model === null ? unnamedPlan(call) : null;
    if (unnamed !== null) {
      call.plan = unnamed;
      call.model = unnamed.name;
      return 'continue';
    }
    return new GatewayError('GW_CLIENT_BAD_REQUEST', {
      message: 'you must provide a model parameter',
      param: 'model',
    });
  }
  if (facts.foreignFallbacks !== null && !manners[call.route.dialect].ownFallbacks) {
    return new GatewayError('GW_CLIENT_BAD_REQUEST', facts.foreignFallbacks);
  }
  const base = resolve(call, call.instead ?? facts.model, 'model', call.instead === null);
  if (base instanceof GatewayError) return base;
  // An empty list says that there are to be none.
  const fallbacks = call.instead === null ? (facts.fallbacks ?? ofCaller(call)?.fallbacks ?? null) : null;
  if (fallbacks === null || fallbacks.length === 0) {
    call.plan = base;
  } else {
    if (fallbacks.length > MAX_FALLBACKS) {
      return new GatewayError('GW_CLIENT_BAD_REQUEST', {
        message: `fallbacks may list at most ${MAX_FALLBACKS} models`,
        param: 'fallbacks',
      });
    }
    const others: Plan[] = [];
    for (const [index, name] of fallbacks.entries()) {
      const more = resolve(call, name, `fallbacks[${index}]`, false);
      if (!(more instanceof GatewayError)) others.push(more);
      // What its key adds may be gone from the configuration by now: that is no fault of the request.
      else if (facts.fallbacks !== null) return more;
    }
    call.plan = others.length === 0 ? base : withFallbacks(base, others);
  }
  call.model = call.plan.name;
  return 'continue';
}

/** Whose names count: what the gateway asks for itself is named by its configuration alone. */
function ofCaller({ principal, parent, repeats }: Call): Principal | null {
  return parent === null || repeats ? principal : null;
}

/** A name the key has for itself comes before everybody's. @param below it is the model of the request, asked where its path says. */
function resolve(call: Call, asked: string, param: string, below: boolean): Plan | GatewayError {
  const name = realName(call, asked);
  const targets = ofCaller(call)?.aliases?.get(name);
  if (targets === undefined) return find(call, name, param, below ? placeOf(call) : placeFor(call, name));
  const [first = name, ...rest] = targets;
  const base = find(call, first, param, placeFor(call, first));
  if (base instanceof GatewayError || rest.length === 0) return base;
  const others: Plan[] = [];
  for (const target of rest) {
    const more = find(call, target, param, placeFor(call, target));
    if (!(more instanceof GatewayError)) others.push(more);
  }
  return withFallbacks(base, others);
}

/**
 * Claude Code asks for what it was listed under another name by that name. Where it leads to nothing it may be a real one, and a name
 * that the configuration or the key has for itself is one.
 */
function realName(call: Call, name: string): string {
  const behind = behindClaudeName(name);
  if (behind === null) return name;
  const { snapshot, route, prefix } = call;
  const own = ofCaller(call)?.aliases ?? null;
  const found = (one: string): Plan | null => snapshot.models.plan(one, route.dialect, prefix);
  if (own?.has(name) === true || found(name)?.name === name) return name;
  return own?.has(behind) === true || found(behind) !== null ? behind : name;
}

function find(call: Call, name: string, param: string, place: string | null): Plan | GatewayError {
  const { models } = call.snapshot;
  const { operation, route, principal } = call;
  const found = infillPlan(call, name, place) ?? models.plan(name, route.dialect, place, operation!);
  if (found !== null) {
    const fitting = call.facts!.hasTools && found.withTools !== undefined ? found.withTools : found;
    return fitting.arms === undefined ? fitting : armOf(fitting, pinOf(call)?.hash ?? 0);
  }
  const elsewhere = models.plan(name, route.dialect, place);
  const permits = principal?.permits ?? null;
  if (elsewhere !== null && (permits === null || permits.within(elsewhere) !== null)) {
    const message = `The model \`${name.slice(0, 200)}\` cannot be asked here: its provider serves no ${operation!.name}.`;
    return new GatewayError('GW_CLIENT_UNSUPPORTED', { message, param });
  }
  // A name it may not use is not told to it, either.
  const similar = models.similar(name).filter((known) => mayName(call, known));
  const hint =
    similar.length === 0 ? '' : ` Did you mean ${similar.map((model) => `\`${model}\``).join(' or ')}?`;
  return new GatewayError('GW_CLIENT_MODEL_NOT_FOUND', {
    message: `The model \`${name.slice(0, 200)}\` does not exist at this gateway.${hint}`,
    param,
  });
}

/** The provider whose models have no name before theirs; null = none. What is kept there may be asked for by a header as well, as it is later. */
function placeOf({ operation, head, prefix, plan: named }: Call): string | null {
  const kept = operation!.raw?.objects === true && named !== null;
  return (kept ? head.headers.get(PROVIDER_HEADER) : undefined) ?? prefix;
}

/**
 * The same for a name that is no request's model: the configuration or a key has it, or it says where else to go. Below a provider's path
 * too it begins with the provider that it means, where there is one of that name.
 */
function placeFor(call: Call, name: string): string | null {
  const place = placeOf(call);
  const slash = name.indexOf('/');
  if (place === null || slash <= 0) return place;
  const first = name.slice(0, slash);
  return call.snapshot.config.providers.some((provider) => provider.name === first) ? null : place;
}

/** Of a request that says what comes behind: who can be told that. Null = it says nothing of the kind, or nobody can. */
function infillPlan(
  { operation, facts, body, snapshot, route }: Call,
  name: string,
  place: string | null,
): Plan | null {
  if (operation!.infill === undefined) return null;
  const span = memberSpan(body!, facts!.members, 'suffix');
  if (span === null || span.end - span.start <= EMPTY || body![span.start] !== QUOTE) return null;
  return snapshot.models.plan(name, route.dialect, place, operation!.infill);
}

function mayName(call: Call, name: string): boolean {
  const { principal, snapshot, route, operation } = call;
  const permits = principal?.permits ?? null;
  if (permits === null) return true;
  const found = snapshot.models.plan(name, route.dialect, placeFor(call, name), operation!);
  return found !== null && permits.within(found) !== null;
}
