// Names the targets of a call: the model's own, then the fallbacks the request lists.

import type { Call, StageResult } from '../contracts/call.ts';
import { GatewayError } from '../contracts/errors.ts';
import type { Plan } from '../contracts/plan.ts';
import { manners } from '../registry/manners.ts';
import { withFallbacks } from '../routing/plan-tiers.ts';

/** How many fallbacks one request may list. */
const MAX_FALLBACKS = 10;

/** Sets `call.plan` and `call.model`. */
export function plan(call: Call): StageResult {
  const facts = call.facts!;
  if (facts.model === null || facts.model === '') {
    return new GatewayError('GW_CLIENT_BAD_REQUEST', {
      message: 'you must provide a model parameter',
      param: 'model',
    });
  }
  if (facts.foreignFallbacks !== null && !manners[call.route.dialect].ownFallbacks) {
    return new GatewayError('GW_CLIENT_BAD_REQUEST', facts.foreignFallbacks);
  }
  const base = find(call, facts.model, 'model');
  if (base instanceof GatewayError) return base;
  if (facts.fallbacks === null || facts.fallbacks.length === 0) {
    call.plan = base;
  } else {
    if (facts.fallbacks.length > MAX_FALLBACKS) {
      return new GatewayError('GW_CLIENT_BAD_REQUEST', {
        message: `fallbacks may list at most ${MAX_FALLBACKS} models`,
        param: 'fallbacks',
      });
    }
    const others: Plan[] = [];
    for (const [index, name] of facts.fallbacks.entries()) {
      const more = find(call, name, `fallbacks[${index}]`);
      if (more instanceof GatewayError) return more;
      others.push(more);
    }
    call.plan = withFallbacks(base, others);
  }
  call.model = call.plan.name;
  return 'continue';
}

function find(call: Call, name: string, param: string): Plan | GatewayError {
  const { models } = call.snapshot;
  const found = models.plan(name, call.route.dialect, call.prefix, call.operation!);
  if (found !== null) return call.facts!.hasTools && found.withTools !== undefined ? found.withTools : found;
  const similar = models.similar(name);
  const hint =
    similar.length === 0 ? '' : ` Did you mean ${similar.map((model) => `\`${model}\``).join(' or ')}?`;
  return new GatewayError('GW_CLIENT_MODEL_NOT_FOUND', {
    message: `The model \`${name.slice(0, 200)}\` does not exist at this gateway.${hint}`,
    param,
  });
}
