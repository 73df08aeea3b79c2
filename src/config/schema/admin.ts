// The schema of `admin`: the gatehouse, its store and its listener.
import { DEFAULT_ADMIN } from './defaults.ts';
import { edge } from './edge.ts';
import { oidc } from './oidc.ts';
import { flag, integer, strict } from './parts.ts';
import Type from './type.ts';

/** Who manages the gateway at run time, and where that is kept. */
export const admin = Type.Optional(
  Type.Object(
    {
      enabled: flag({
        description:
          'Keys, teams, limits and providers can be managed while the gateway runs, by `/api/` and `headgate keys`. Off: the gateway runs from its file alone, with one process less.',
        default: DEFAULT_ADMIN.enabled,
        'x-env': 'HEADGATE_ADMIN',
      }),
      port: integer(1, 65_535, {
        description: 'A listener of its own for `/api/`.',
        'x-default': 'none: `/api/` is on the port of the gateway',
        'x-env': 'HEADGATE_ADMIN_PORT',
      }),
      host: Type.Optional(
        Type.String({
          pattern: '^([A-Za-z0-9.:_-]{1,253}|\\[[0-9A-Fa-f:.]{2,45}\\])$',
          'x-expected': 'an address or a host name',
          description: 'Address of that listener.',
          default: DEFAULT_ADMIN.host,
          'x-env': 'HEADGATE_ADMIN_HOST',
        }),
      ),
      dataDir: Type.Optional(
        Type.String({
          minLength: 1,
          maxLength: 4_096,
          description:
            'Folder of the store (`headgate.db`) and of the master key. Where it cannot be written to, the gateway runs from its file alone and says so.',
          'x-default': '`.headgate` in the working directory',
          'x-env': 'HEADGATE_DATA_DIR',
        }),
      ),
      databaseUrl: Type.Optional(
        Type.String({
          pattern: '^postgres(ql)?://.+$',
          'x-expected': 'the address of a PostgreSQL, `postgres://user:password@host/database`',
          'x-secret': true,
          description: 'PostgreSQL that several gateways share, in place of the file.',
          'x-default': 'none: SQLite in `dataDir`',
          'x-env': 'HEADGATE_DATABASE_URL',
        }),
      ),
      litellm: flag({
        description:
          'Also takes the five calls of LiteLLM that scripts make: `/key/generate`, `/key/info`, `/key/update`, `/key/delete`, `/team/new`.',
        default: DEFAULT_ADMIN.litellm,
        'x-env': 'HEADGATE_LITELLM_API',
      }),
      oidc,
      edge,
      masterKey: Type.Optional(
        Type.String({
          minLength: 1,
          maxLength: 8_192,
          'x-secret': true,
          description:
            'Keys that hashes and secrets of the store are made with: 32 bytes in base64 or hexadecimal, the newest first. Gateways that share a database need the same.',
          'x-default': '`master.key` in `dataDir`, made at the first start',
          'x-env': 'HEADGATE_MASTER_KEY',
        }),
      ),
    },
    { ...strict, description: 'Administration while the gateway runs.' },
  ),
);
