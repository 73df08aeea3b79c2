// The schema of `server.listeners`.
import { DEFAULT_LISTENER } from './defaults.ts';
import { duration, flag, integer, strict } from './parts.ts';
import Type from './type.ts';

const MAX_PEM = 524_288;

const tls = Type.Object(
  {
    cert: Type.String({
      minLength: 1,
      maxLength: MAX_PEM,
      description:
        'Certificate (PEM, with its chain), best as `file:/path/tls.crt`: the file is watched, and a new one is shown to new connections.',
    }),
    key: Type.String({
      minLength: 1,
      maxLength: MAX_PEM,
      'x-secret': true,
      description: 'Private key (PEM, without passphrase) of `cert`.',
    }),
    ca: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: MAX_PEM,
        description: 'Certificates (PEM) of the authorities that sign those of clients.',
        'x-default': 'none',
      }),
    ),
    client: Type.Optional(
      Type.Enum(['request', 'require'], {
        description:
          '`require`: who shows no certificate that `ca` signed is not let in. `request`: it is asked for, and none is fine.',
        'x-default': '`require` with `ca`, else clients are not asked',
      }),
    ),
  },
  { ...strict, description: 'TLS 1.2 and 1.3.' },
);

export const listeners = Type.Optional(
  Type.Array(
    Type.Object(
      {
        port: integer(1, 65_535, { description: 'Port to listen on.', 'x-default': '(or `unix`)' }),
        host: Type.Optional(
          Type.String({
            pattern: '^([A-Za-z0-9.:_-]{1,253}|\\[[0-9A-Fa-f:.]{2,45}\\])$',
            'x-expected': 'an address or a host name',
            description: 'Address to listen on.',
            'x-default': 'as `server.host`',
          }),
        ),
        unix: Type.Optional(
          Type.String({
            pattern: '^/.{1,100}$',
            'x-expected': 'an absolute path of at most 101 characters',
            description:
              'Path of a Unix socket to listen on; a socket that nobody listens on any more is replaced.',
            'x-default': '(or `port`)',
          }),
        ),
        engine: Type.Optional(
          Type.Enum(['uws', 'node'], {
            description:
              '`uws`: the fast one; one entry at most, and it stands for `server.port`. `node`: what the other cannot be: TLS, HTTP/2, HTTP/1.0, Unix sockets, longer idle times.',
            'x-default': '`node` where the entry says more than `port` and `host`, else `uws`',
          }),
        ),
        tls: Type.Optional(tls),
        http2: flag({
          description: 'HTTP/2 beside HTTP/1.1, for clients that ask for it within TLS.',
          default: DEFAULT_LISTENER.http2,
        }),
        grpc: flag({
          description:
            'gRPC and nothing else on this listener: the chat operation (`docs/proto/headgate/chat/v1/chat.proto`), health and reflection, over HTTP/2, with or without TLS.',
          default: DEFAULT_LISTENER.grpc,
        }),
        keepAliveMs: duration(
          {
            description:
              'How long a connection may be idle between two requests: longer than the load balancer in front keeps it.',
            default: DEFAULT_LISTENER.keepAliveMs,
          },
          1_000,
        ),
        proxyProtocol: flag({
          description:
            'Each connection begins with a PROXY header (v1 or v2), and is closed without one. Its word on the address counts if `server.trustedProxies` names who wrote it.',
          default: DEFAULT_LISTENER.proxyProtocol,
        }),
      },
      strict,
    ),
    {
      maxItems: 16,
      description:
        'Listeners beside `server.port`, or the same with more to say of them. Those of engine `node` come, go and change with a reload; the one of `uws` with the next start.',
      'x-default': 'none',
    },
  ),
);
