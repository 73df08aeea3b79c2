// `/api/edge/authority`: the one that machines trust which open connections, and what they get from it.
import { decisionOf, readPolicy } from '../edge/policy.ts';
import { type Authority, makeAuthority, readAuthority, removeAuthority, signLeaf } from './authority-book.ts';
import { stateOf } from './device-book.ts';
import { ApiError } from '../errors/api-error.ts';
import type { ApiContext } from './context.ts';
import { ownDevice } from './edge-self.ts';
import { flag, object, text, whole } from './fields.ts';
import type { ApiAnswer, ApiRoute } from './route.ts';

const shape = object(
  {
    name: text('Its common name.'),
    certificate: text('PEM; for the machines’ lists of authorities.', 8_192),
    fingerprint: text('SHA-256, as systems show it.'),
    notAfter: text('ISO 8601.'),
  },
  ['name', 'certificate', 'fingerprint', 'notAfter'],
);

function answer(authority: Authority | null, status = 200): ApiAnswer {
  if (authority === null)
    throw new ApiError(404, 'no_authority', 'There is no authority: `POST /api/edge/authority` makes it.');
  return { status, body: { ...authority, notAfter: new Date(authority.notAfter).toISOString() } };
}

export function edgeAuthorityRoutes(context: ApiContext): ApiRoute[] {
  return [
    {
      method: 'GET',
      path: '/api/edge/authority',
      access: { resource: 'device', verb: 'read' },
      operation: 'get-edge-authority',
      summary: 'The authority’s certificate. Its key never leaves the gateway.',
      answer: { status: 200, schema: shape },
      handle: async () => answer(await readAuthority(context)),
    },
    {
      method: 'POST',
      path: '/api/edge/authority',
      // Whoever has it can read what machines say to vendors: an administrator’s alone.
      access: { resource: 'config', verb: 'update' },
      operation: 'make-edge-authority',
      summary:
        'Makes the authority that opening connections needs. Nothing is opened by that: the policy says which hosts are.',
      body: object({
        name: text('Its common name; `Headgate edge` unless it says so.', 64),
        days: whole(1, 3_650, 'How long it holds; 365 unless it says so.'),
        replace: flag('Another one takes its place, which every machine has to trust anew.'),
      }),
      answer: { status: 201, schema: shape },
      async handle(request) {
        const {
          name = 'Headgate edge',
          days = 365,
          replace = false,
        } = request.body as {
          name?: string;
          days?: number;
          replace?: boolean;
        }; // as the schema has it
        return answer(await makeAuthority(context, request, { name, days, replace }), 201);
      },
    },
    {
      method: 'DELETE',
      path: '/api/edge/authority',
      access: { resource: 'config', verb: 'update' },
      operation: 'delete-edge-authority',
      summary:
        'Its key is gone, and no machine gets another certificate; those that were given hold for a day.',
      answer: { status: 204, schema: null },
      async handle(request) {
        await removeAuthority(context, request);
        return { status: 204 };
      },
    },
    {
      method: 'GET',
      path: '/api/edge/self/authority',
      access: 'self',
      operation: 'get-own-edge-authority',
      summary: 'The authority’s certificate, for the device with this key.',
      answer: { status: 200, schema: shape },
      async handle(request) {
        await ownDevice(context, request);
        return answer(await readAuthority(context));
      },
    },
    {
      method: 'POST',
      path: '/api/edge/self/certificates',
      access: 'self',
      operation: 'sign-edge-certificate',
      summary:
        'A certificate for a host that the policy says is opened, for a key that stays on the device. It holds for a day.',
      body: object({ host: text('Of the policy.', 253), publicKey: text('PEM, of P-256.', 2_048) }, [
        'host',
        'publicKey',
      ]),
      answer: {
        status: 200,
        schema: object({ certificate: text('PEM.', 8_192), notAfter: text('ISO 8601.') }, [
          'certificate',
          'notAfter',
        ]),
      },
      async handle(request) {
        const device = await ownDevice(context, request);
        const { policy } = await readPolicy(context.store);
        const { host, publicKey } = request.body as { host: string; publicKey: string }; // as the schema has it
        const { enabled, hosts } = policy.intercept;
        if (decisionOf(stateOf(device), policy.pendingDevices) === 'block')
          throw new ApiError(403, 'device_blocked', 'This device is denied, or waits for an administrator.');
        if (!enabled || !hosts.some((one) => one.host === host))
          throw new ApiError(403, 'not_intercepted', `The policy opens no connections to ${host}.`);
        const { certificate, notAfter } = await signLeaf(context, host, publicKey);
        return { status: 200, body: { certificate, notAfter: new Date(notAfter).toISOString() } };
      },
    },
  ];
}
