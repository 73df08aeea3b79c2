// The schema of `mediaFetch`.
import { DEFAULT_MEDIA_FETCH } from './defaults.ts';
import { duration, flag, integer, strict } from './parts.ts';
import Type from './type.ts';

/** Files that requests give the address of. */
export const mediaFetch = Type.Optional(
  Type.Object(
    {
      enabled: flag({
        description:
          'Fetch pictures, documents and videos that a request gives the https address of, where the provider takes bytes alone (Gemini, Bedrock). Without, such a request is a 400 there.',
        default: DEFAULT_MEDIA_FETCH.enabled,
        'x-env': 'HEADGATE_MEDIA_FETCH',
      }),
      maxBytes: integer(1, 1_073_741_824, {
        description: 'Most bytes for one request, in sum.',
        default: DEFAULT_MEDIA_FETCH.maxBytes,
      }),
      maxFiles: integer(1, 1000, {
        description: 'Most files for one request.',
        default: DEFAULT_MEDIA_FETCH.maxFiles,
      }),
      timeoutMs: duration(
        {
          description: 'Longest time for all files of a request.',
          default: DEFAULT_MEDIA_FETCH.timeoutMs,
        },
        1,
      ),
      plainHttp: flag({
        description: 'Addresses may be `http://` too.',
        default: DEFAULT_MEDIA_FETCH.plainHttp,
      }),
      privateNetworks: flag({
        description:
          'Also from hosts of private networks and of this machine: whoever may call reaches them so. Metadata services stay out.',
        default: DEFAULT_MEDIA_FETCH.privateNetworks,
      }),
    },
    { ...strict, description: 'What the gateway fetches for providers that fetch nothing themselves.' },
  ),
);
