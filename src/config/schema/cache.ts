// The schema of `cache`: the section, and an alias's own word of it.
import { CACHE_SCOPES } from '../../contracts/cache.ts';
import {
  DEFAULT_CACHE_BYTES,
  DEFAULT_CACHE_ENTRIES,
  DEFAULT_EXACT_CACHE,
  DEFAULT_SEMANTIC_CACHE,
  DEFAULT_VECTORS,
} from './defaults.ts';
import { flag, integer, secret, strict } from './parts.ts';
import Type from './type.ts';

const THIRTY_DAYS_MS = 30 * 86_400_000;

const enabled = flag({
  description: 'False: not for this model, whatever is said elsewhere.',
  default: true,
});

const exactFields = {
  ttlMs: integer(1_000, THIRTY_DAYS_MS, {
    description: 'How long an answer is given again, in ms.',
    default: DEFAULT_EXACT_CACHE.ttlMs,
  }),
  staleMs: integer(0, THIRTY_DAYS_MS, {
    description:
      'How long behind `ttlMs` an answer is given once more, marked `stale`, while a fresh one is fetched; 0 = not.',
    default: DEFAULT_EXACT_CACHE.staleMs,
  }),
  jitter: Type.Optional(
    Type.Number({
      minimum: 0,
      maximum: 1,
      description:
        'How much of `ttlMs` is left to chance, so that what was asked together is not asked anew together.',
      default: DEFAULT_EXACT_CACHE.jitter,
    }),
  ),
  maxEntryBytes: integer(1_024, 67_108_864, {
    description: 'A larger answer is not kept.',
    default: DEFAULT_EXACT_CACHE.maxEntryBytes,
  }),
  scope: Type.Optional(
    Type.Enum([...CACHE_SCOPES], {
      description:
        'Who shares answers: calls of one `key`, of one `user`, `team` or `organization` (calls of keys without one share nothing), of one `customer` (end user) of a key, or `all`.',
      default: DEFAULT_EXACT_CACHE.scope,
    }),
  ),
  sampled: flag({
    description:
      'Also for requests that state a `temperature` above 0: callers who ask twice want two answers, unless this is said.',
    default: DEFAULT_EXACT_CACHE.sampled,
  }),
  several: flag({
    description: 'Also for requests that want several answers (`n`, `candidateCount`).',
    default: DEFAULT_EXACT_CACHE.several,
  }),
  truncated: flag({
    description: 'Also answers that their limit of tokens cut off.',
    default: DEFAULT_EXACT_CACHE.truncated,
  }),
  replay: Type.Optional(
    Type.Enum(['at_once', 'paced'], {
      description: 'Streams again as fast as their client takes them, or with the pauses they had.',
      default: DEFAULT_EXACT_CACHE.replay,
    }),
  ),
  shared: flag({
    description: 'In Redis too, where one is configured: for all workers and nodes.',
    default: DEFAULT_EXACT_CACHE.shared,
  }),
};

const exactWords = {
  ...strict,
  description: 'Answers to requests that are the same, whatever order their members have.',
};

const modelName = { pattern: '^[^\\s*]{1,256}$', 'x-expected': '`provider/model` or the name of an alias' };

const semanticFields = {
  embedding: Type.Optional(
    Type.String({
      ...modelName,
      description:
        'Who makes the vectors: `builtin` (a table of word vectors in the package), or a model for embeddings: `provider/model` or an alias. Asked by a call of its own, on the caller’s account.',
      default: DEFAULT_SEMANTIC_CACHE.embedding,
    }),
  ),
  threshold: Type.Optional(
    Type.Number({
      minimum: 0,
      maximum: 1,
      description:
        'Least cosine of two questions that are alike. What else they must have in common: docs/cache.md.',
      default: DEFAULT_SEMANTIC_CACHE.threshold,
    }),
  ),
  scope: Type.Optional(
    Type.Enum([...CACHE_SCOPES], {
      description: 'Who shares answers, as of `exact`.',
      default: DEFAULT_SEMANTIC_CACHE.scope,
    }),
  ),
  ttlMs: integer(1_000, THIRTY_DAYS_MS, {
    description: 'How long an answer is found by likeness, in ms: no longer than it is kept (`exact.ttlMs`).',
    default: DEFAULT_SEMANTIC_CACHE.ttlMs,
  }),
  maxMessages: integer(1, 10, {
    description:
      'Turns of a conversation, without the system prompt, up to which it is looked at; all but the last must be equal.',
    default: DEFAULT_SEMANTIC_CACHE.maxMessages,
  }),
  timeoutMs: integer(1, 10_000, {
    description: 'Longest wait for a vector; behind it, and for five seconds more, all are misses.',
    default: DEFAULT_SEMANTIC_CACHE.timeoutMs,
  }),
  judge: Type.Optional(
    Type.String({
      ...modelName,
      description: 'A model that is asked before each hit whether both questions ask the same.',
      'x-default': 'none',
    }),
  ),
};

const semanticWords = {
  ...strict,
  description:
    'Answers to questions that ask the same in other words, of one turn, without tools and pictures.',
};

/** An alias's own. */
export const modelCache = Type.Optional(
  Type.Object(
    {
      exact: Type.Optional(Type.Object({ enabled, ...exactFields }, exactWords)),
      semantic: Type.Optional(Type.Object({ enabled, ...semanticFields }, semanticWords)),
    },
    {
      ...strict,
      description: 'Kept answers of this model: what differs from `cache`.',
      'x-default': 'as `cache`',
    },
  ),
);

const vectors = Type.Optional(
  Type.Object(
    {
      store: Type.Enum(['qdrant', 'postgres', 'redis'], {
        description:
          '`qdrant`, `postgres` with the extension `vector` (pgvector), or `redis` with its query engine (`FT.SEARCH`).',
      }),
      url: Type.String({
        pattern: '^(https?|postgres(ql)?|rediss?)://\\S+$',
        'x-expected': 'an `http(s)://`, a `postgres://` or a `redis://` URL',
        'x-secret': true,
        description:
          'Where it is: `https://qdrant:6333`, `postgres://user:password@host/database`, `redis://user:password@host:6379`.',
      }),
      key: Type.Optional(secret('Key of Qdrant (`api-key`).')),
      collection: Type.Optional(
        Type.String({
          pattern: '^[a-z][a-z0-9_]{0,40}$',
          'x-expected': 'small letters, digits and `_`, 41 at most',
          description:
            'Name of the table, and of Qdrant’s collections or Redis’s indexes, to which the number of dimensions is added.',
          default: DEFAULT_VECTORS.collection,
        }),
      ),
      timeoutMs: integer(1, 10_000, {
        description: 'Longest wait of a call; behind it, and for five seconds more, all are misses.',
        default: DEFAULT_VECTORS.timeoutMs,
      }),
    },
    {
      ...strict,
      description:
        'A store of vectors that all workers and nodes ask, in the place of their memory; answers stay where they are.',
      'x-default': 'the memory of each worker',
    },
  ),
);

/** The section. */
export const cache = Type.Optional(
  Type.Object(
    {
      exact: Type.Optional(
        Type.Object(
          {
            enabled,
            ...exactFields,
            maxBytes: integer(65_536, 68_719_476_736, {
              description: 'Memory of one worker for answers; those that were not used for longest go first.',
              default: DEFAULT_CACHE_BYTES,
            }),
          },
          exactWords,
        ),
      ),
      semantic: Type.Optional(
        Type.Object(
          {
            enabled,
            ...semanticFields,
            maxEntries: integer(1, 1_000_000, {
              description:
                'Questions one worker finds by likeness; those that were not used for longest go first.',
              default: DEFAULT_CACHE_ENTRIES,
            }),
            vectors,
          },
          semanticWords,
        ),
      ),
      spellings: Type.Optional(
        Type.Array(Type.Enum(['bifrost', 'litellm']), {
          description:
            'Whose ways to say what `x-headgate-cache…` says are understood too: `x-bf-cache-…` headers, LiteLLM’s `cache` in the body.',
          'x-default': 'none',
        }),
      ),
    },
    {
      ...strict,
      description:
        'Answers that are kept and given again. Off for a model unless it, or this section, says so.',
    },
  ),
);
