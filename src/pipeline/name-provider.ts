// Names the target of a call that names no model: the path says the provider, or a header, or the first that has what is
// asked for is taken. Sets where at that provider it goes.
import type { Call, StageResult } from '../contracts/call.ts';
import type { ProviderConfig } from '../contracts/provider-config.ts';
import { GatewayError } from '../contracts/errors.ts';
import type { Plan } from '../contracts/plan.ts';
import { PROVIDERS } from '../providers/registry.ts';
import { queryOf } from './answer-form.ts';
import { callIn } from './own.ts';
import { isChargedLater } from './charged-later.ts';
import { addressBelow, asRead } from './raw/raw-address.ts';

/** Names a provider on routes that name no model. */
export const PROVIDER_HEADER = 'x-headgate-provider';

const UNVERSIONED: ReadonlyMap<string, readonly string[]> = new Map(
  PROVIDERS.flatMap(({ name, unversioned }) =>
    unversioned === undefined ? [] : [[name, unversioned] as const],
  ),
);

/** Sets `call.plan` and `call.model`, and `call.address` where the path says it. */
export function nameProvider(call: Call): StageResult {
  const { route, params, head, snapshot, prefix } = call;
  if (route.kind !== 'model') throw new Error('no route of a provider');
  // A conversation that begins names its model.
  if (route.operation.intake === 'socket' && params['id'] === undefined && callIn(call) === null)
    return 'continue';
  const known = (name: string): boolean => snapshot.config.providers.some((one) => one.name === name);
  const stated = params['provider'] ?? head.headers.get(PROVIDER_HEADER);
  if (stated !== undefined && !known(stated)) return unknown(stated);
  // A prefix that is only a vendor's says how its clients speak.
  const named = call.keptAt ?? stated ?? (prefix !== null && known(prefix) ? prefix : null);
  const plan = snapshot.models.at(named, route.dialect, route.operation);
  if (plan === null) return lacking(named);
  call.plan = plan;
  call.model = plan.name;
  if (route.forward === undefined) {
    const path = placed(call, plan);
    forward(call, plan.targets[0]!.provider, path + queryOf(call));
    call.chargedLater = isChargedLater(route.dialect, head.method, asRead(path));
  }
  return 'continue';
}

/**
 * What is asked there. Clients of Vertex AI say a project and a place in front of it, or neither: at a provider that has them, its own
 * stand there, as they do where a model answers. Below `/passthrough` it is as it came.
 */
function placed({ head, params }: Call, { targets }: Plan): string {
  const rest = params['rest']!;
  const vertex = targets[0]!.provider.speaks.find(({ hosted }) => hosted === 'vertex');
  if (vertex === undefined || head.path.startsWith('/passthrough/')) return rest;
  const own = /projects\/[^/]+\/locations\/[^/]+\//.exec(`${vertex.path}/`)?.[0] ?? '';
  return rest.replace(/^(\/v[^/]+\/)(?:projects\/[^/]+\/locations\/[^/]+\/)?/, `$1${own}`);
}

function forward(call: Call, { baseUrl, vendor }: ProviderConfig, path: string): void {
  const unversioned = vendor === undefined ? undefined : UNVERSIONED.get(vendor);
  const below = baseUrl === '' ? null : addressBelow(new URL(baseUrl).pathname, path, unversioned);
  call.address = below ?? path;
  call.fromOrigin = below !== null;
}

function unknown(name: string): GatewayError {
  const printed = name.slice(0, 100).replace(/[^\x20-\x7e]/g, '?');
  return new GatewayError('GW_CLIENT_ROUTE_NOT_FOUND', {
    message: `This gateway has no provider \`${printed}\`.`,
  });
}

function lacking(name: string | null): GatewayError {
  const who = name === null ? 'No provider of this gateway' : `The provider \`${name}\``;
  return new GatewayError('GW_CLIENT_ROUTE_NOT_FOUND', {
    message: name === null ? `${who} has this route.` : `${who} does not have this route.`,
  });
}
