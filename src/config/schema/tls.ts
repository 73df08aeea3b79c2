// The schema of a provider's `tls`.
import { strict } from './parts.ts';
import Type from './type.ts';

const MAX_PEM = 524_288;

/** Whom to trust there, and who we are. */
export const providerTls = Type.Optional(
  Type.Object(
    {
      ca: Type.Optional(
        Type.String({
          minLength: 1,
          maxLength: MAX_PEM,
          description:
            'Certificates (PEM) of the only authorities to trust there, best as `file:/path/ca.pem`.',
          'x-default': 'the well-known authorities, and those of NODE_EXTRA_CA_CERTS',
        }),
      ),
      cert: Type.Optional(
        Type.String({
          minLength: 1,
          maxLength: MAX_PEM,
          description: 'Certificate (PEM, with its chain) that the gateway shows there.',
          'x-default': 'none',
        }),
      ),
      key: Type.Optional(
        Type.String({
          minLength: 1,
          maxLength: MAX_PEM,
          'x-secret': true,
          description: 'Private key (PEM, without passphrase) of `cert`.',
          'x-default': 'none',
        }),
      ),
      serverName: Type.Optional(
        Type.String({
          pattern: '^(?=.*[A-Za-z])[A-Za-z0-9]([A-Za-z0-9._-]{0,251}[A-Za-z0-9])?$',
          'x-expected': 'a host name',
          description: 'Name to ask for (SNI) and to find in the certificate.',
          'x-default': 'the host of `baseUrl`',
        }),
      ),
    },
    { ...strict, description: 'TLS of an `https` provider. Certificates are always checked.' },
  ),
);
