// The schema of `dns`.
import { DEFAULT_DNS } from './defaults.ts';
import { duration, strict } from './parts.ts';
import Type from './type.ts';

/** Look-ups of names. */
export const dns = Type.Optional(
  Type.Object(
    {
      servers: Type.Optional(
        Type.Array(
          Type.String({
            pattern: '^[0-9A-Fa-f.:%\\[\\]A-Za-z]{2,100}$',
            'x-expected': 'an address such as `10.96.0.10`, `10.0.0.2:5353` or `[fd00::10]:53`',
          }),
          {
            description: 'Name servers to ask; the search list stays that of `/etc/resolv.conf`.',
            'x-default': 'those of `/etc/resolv.conf`',
            'x-env': 'HEADGATE_DNS_SERVERS',
          },
        ),
      ),
      timeoutMs: duration(
        {
          description: 'Longest wait for a name whose addresses are not known from before.',
          default: DEFAULT_DNS.timeoutMs,
          'x-env': 'HEADGATE_DNS_TIMEOUT_MS',
        },
        100,
      ),
    },
    { ...strict, description: 'How names of providers and of Redis are looked up.' },
  ),
);
