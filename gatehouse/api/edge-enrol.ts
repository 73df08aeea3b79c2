// How a machine comes to a key of its own, without an administrator: by a login somewhere else (RFC 8628), which goes through the gate so
// that the machine needs to know nothing but the gate, or by a certificate that a listener has checked.
import { enrol } from './device-book.ts';
import { holderOfCertificate, type Newcomer, personOfClaims } from './newcomers.ts';
import { ApiError } from '../errors/api-error.ts';
import { createOidcClient, OidcFault } from '../who/oidc-client.ts';
import { FREE_OF_ADDRESS, type Throttle } from '../who/throttle.ts';
import { type ApiContext, eventOf } from './context.ts';
import { deviceName, platform, state } from './edge-fields.ts';
import { flag, object, text, whole } from './fields.ts';
import type { ApiAnswer, ApiRequest, ApiRoute } from './route.ts';

const seconds = (description: string) => whole(0, 1_000_000, description);

export function edgeEnrolRoutes(context: ApiContext, throttle: Throttle): ApiRoute[] {
  const { enrolment, store, log } = context;
  const { oidc } = enrolment;
  const client = oidc === null ? null : createOidcClient(oidc, () => performance.now());

  function provider(): NonNullable<typeof client> {
    if (client !== null) return client;
    throw new ApiError(
      409,
      'no_login',
      'Machines do not enrol by a login here (admin.edge.clientId): ask an administrator for a device.',
    );
  }
  const subjectOf = ({ ip }: ApiRequest): string => `edge:${ip}`;
  function mayTry(request: ApiRequest): void {
    const waitMs = throttle.waitMs(subjectOf(request));
    if (waitMs > 0)
      throw new ApiError(429, 'too_many_attempts', 'Too many attempts from this address: wait.', {
        headers: { 'retry-after': String(Math.ceil(waitMs / 1_000)) },
      });
  }
  /** @throws ApiError */
  async function failed(request: ApiRequest, error: unknown): Promise<never> {
    if (!(error instanceof OidcFault)) throw error;
    if (error.kind === 'unavailable') {
      log.warn({ err: error }, 'the OpenID provider cannot be used');
      throw new ApiError(503, 'provider_unavailable', 'The OpenID provider does not answer.', {
        headers: { 'retry-after': '5' },
      });
    }
    throttle.failed(subjectOf(request), FREE_OF_ADDRESS);
    const event = eventOf(context, request, { action: 'device.enrol', target: '' }, 'denied', error.message);
    await store.commit([], event);
    throw new ApiError(403, 'login_refused', 'The login was refused, or is over: begin again.');
  }

  /** @returns an answer where nobody has said yes yet. @throws ApiError */
  async function newcomer(
    request: ApiRequest,
    deviceCode: string | undefined,
  ): Promise<Newcomer | ApiAnswer> {
    if (deviceCode === undefined) {
      if (!enrolment.certificates || request.certificate === null)
        throw new ApiError(
          403,
          'no_proof',
          'Nothing says whose machine this is: a login (`deviceCode`), or a certificate where they are taken (admin.edge.certificates).',
        );
      return holderOfCertificate(context, request.certificate);
    }
    const claims = await provider()
      .pollDevice(deviceCode)
      .catch((error: unknown) => failed(request, error));
    if (typeof claims === 'string')
      return { status: 200, body: { enrolled: false, slower: claims === 'slower' } };
    return personOfClaims(context, oidc!, claims); // there is a provider, since it answered
  }

  return [
    {
      method: 'GET',
      path: '/api/edge/enrolment',
      access: 'open',
      operation: 'get-edge-enrolment',
      summary: 'How a machine may enrol here.',
      answer: {
        status: 200,
        schema: object(
          {
            login: flag('By a login.'),
            certificate: flag('By a certificate; `shown`: one was, with this call.'),
            shown: flag(''),
          },
          ['login', 'certificate', 'shown'],
        ),
      },
      async handle({ certificate }) {
        const shown = certificate !== null;
        return { status: 200, body: { login: oidc !== null, certificate: enrolment.certificates, shown } };
      },
    },
    {
      method: 'POST',
      path: '/api/edge/enrol/login',
      access: 'open',
      operation: 'begin-edge-login',
      summary:
        'Begins a login for a machine: the person opens the address anywhere and types the code (RFC 8628).',
      answer: {
        status: 200,
        schema: object(
          {
            deviceCode: text('For `POST /api/edge/enrol`.', 8_192),
            userCode: text('What the person types.'),
            verificationUri: text('Where.', 2_048),
            verificationUriComplete: { type: 'string', description: 'The same with the code in it.' },
            expiresInSeconds: seconds('It is over then.'),
            intervalSeconds: seconds('Between two questions.'),
          },
          ['deviceCode', 'userCode', 'verificationUri', 'expiresInSeconds', 'intervalSeconds'],
        ),
      },
      async handle(request) {
        mayTry(request);
        // Each may be one of many that somebody begins to be rude to the provider.
        throttle.failed(subjectOf(request), FREE_OF_ADDRESS);
        const begun = await provider()
          .beginDevice()
          .catch((error: unknown) => failed(request, error));
        return { status: 200, body: begun };
      },
    },
    {
      method: 'POST',
      path: '/api/edge/enrol',
      access: 'open',
      operation: 'enrol-edge-device',
      summary:
        'The machine of who logged in, or whose certificate was shown, with a key that this answer holds and nothing else ever does. `enrolled: false`: nobody has said yes yet.',
      body: object({ deviceCode: text('Of the login.', 8_192), name: deviceName, platform }, ['name']),
      answer: {
        status: 200,
        schema: object(
          {
            enrolled: flag('False: ask again.'),
            slower: flag('And not so often: five seconds more between questions.'),
            id: text('Of the device.'),
            name: text('As it is called here.'),
            state,
            credential: text('The key itself.'),
          },
          ['enrolled'],
        ),
      },
      async handle(request) {
        mayTry(request);
        const {
          deviceCode,
          name,
          platform: said = '',
        } = request.body as {
          deviceCode?: string;
          name: string;
          platform?: string;
        }; // as the schema has it
        const found = await newcomer(request, deviceCode);
        if ('status' in found) return found;
        const { device, key } = await enrol(context, request, {
          name,
          platform: said,
          state: 'pending',
          ...found,
        });
        throttle.succeeded(subjectOf(request));
        return {
          status: 200,
          body: {
            enrolled: true,
            id: device.id,
            name: device.name,
            state: device.data['state'],
            credential: key,
          },
        };
      },
    },
  ];
}
