// The configuration file as a schema: the one source for validation (check.ts), environment variables
// (environment.ts, by `x-env`), docs/headgate.schema.json and the reference in docs/configuration.md.
// `x-expected` says in words what a pattern wants; `x-secret` marks text that must never be shown.

import type { Static } from 'typebox';
import { STRATEGIES } from '../../contracts/strategy.ts';
import { admin } from './admin.ts';
import { alerts } from './alerts.ts';
import { batches } from './batches.ts';
import { budgets, unknownPrice } from './budgets.ts';
import { cache, modelCache } from './cache.ts';
import { capabilities } from './capabilities.ts';
import { dns } from './dns.ts';
import { plugins } from './plugins.ts';
import { guardrailSecret, guardrails, ownGuardrails } from './guardrails.ts';
import { breaker, connections, cooldown, lane, retries, timeouts } from './limits.ts';
import { logSection } from './log.ts';
import { mediaFetch } from './media.ts';
import type { SchemaNode } from './node.ts';
import { flag, strict } from './parts.ts';
import { overload } from './overload.ts';
import { provider } from './provider.ts';
import { limits, redis } from './rate-limits.ts';
import { hedge } from './hedge.ts';
import { shadow, split } from './split.ts';
import { fallbacks, rescue, rescuePolicy } from './rescue.ts';
import { responses } from './responses.ts';
import { coalesce, idempotency } from './shared-answers.ts';
import { operations } from './operations.ts';
import { priceChanges } from './price-changes.ts';
import { server } from './server.ts';
import { telemetry } from './telemetry.ts';
import { auth, customers, organizations, projects, teams, users } from './who.ts';
import { usageCost } from './usage-cost.ts';
import Type from './type.ts';
import { TIMED_ROUTES } from './vocabulary.ts';

const fieldName = Type.String({ pattern: '^(?!__proto__$)[A-Za-z0-9_.]{1,120}$' });
const priceFields = Type.Record(
  fieldName,
  Type.Union([
    Type.Number({ minimum: 0 }),
    Type.Record(fieldName, Type.Number({ minimum: 0 }), { ...strict, 'x-expected': 'a name' }),
  ]),
  {
    ...strict,
    'x-expected': 'a field of a price',
    description: 'USD a unit, by field; `factors` multiply everything: `{ us: 1.1 }`.',
  },
);

const pricedName = {
  pattern: '^(?!__proto__$)[^\\s/*]+/[^\\s*]*\\*?$',
  'x-expected': '`provider/model`, or the beginning of such a name with `*`',
};

const targetName = Type.String({
  pattern: '^[^\\s/]+/[^\\s*]+$',
  'x-expected': '`provider/model`',
});

const alias = Type.Object(
  {
    strategy: Type.Optional(
      Type.Enum([...STRATEGIES], {
        description: 'How one of the targets is chosen; the others are its fallbacks.',
        default: 'order',
      }),
    ),
    targets: Type.Optional(
      Type.Array(
        Type.Union([
          targetName,
          Type.Object(
            {
              model: targetName,
              weight: Type.Optional(
                Type.Number({
                  minimum: 0,
                  maximum: 1_000_000,
                  description: 'Part of the calls it gets, next to the weights of the others.',
                  default: 1,
                }),
              ),
            },
            strict,
          ),
        ]),
        {
          minItems: 1,
          description:
            '`provider/model` names, or `{ model, weight }`; the order is the fallback order unless `strategy` says otherwise.',
          'x-default': 'none: the entry is no alias, but says something of the model it names',
        },
      ),
    ),
    cache: modelCache,
    capabilities: Type.Optional(capabilities),
    fallbacks,
    guardrails: ownGuardrails,
    gate: flag({
      description:
        'Hold the head of a stream until its first content, so that an error before it has its true status, also with one target.',
      default: false,
    }),
    rescue: rescuePolicy,
    hedge,
    split,
    shadow,
  },
  strict,
);

/** The configuration file. */
export const FILE_SCHEMA = Type.Object(
  {
    $schema: Type.Optional(Type.String({ description: 'For editors; ignored.' })),
    server: Type.Optional(server),
    log: logSection,
    auth: Type.Optional(auth),
    organizations,
    teams,
    users,
    projects,
    customers,
    admin,
    limits,
    budgets,
    unknownPrice,
    alerts,
    guardrails,
    guardrailSecret,
    plugins,
    redis,
    prices: Type.Optional(
      Type.Record(Type.String({ pattern: pricedName.pattern }), priceFields, {
        ...strict,
        'x-expected': pricedName['x-expected'],
        description:
          'Prices of your own, in USD by LiteLLM’s field names (`input_cost_per_token`, …). The longest name that fits counts; without one the built-in table does.',
        'x-default': 'none',
      }),
    ),
    priceChanges: priceChanges(priceFields, pricedName),
    usageCost,
    batches,
    lane: Type.Optional(lane(true)),
    timeouts: Type.Optional(
      timeouts(true, 'Clocks of an attempt, unless a provider or route states its own; 0 = off.'),
    ),
    retries: Type.Optional(retries(true)),
    rescue,
    cooldown: Type.Optional(cooldown(true)),
    breaker: Type.Optional(breaker(true)),
    connections: Type.Optional(connections(true)),
    dns,
    mediaFetch,
    responses,
    cache,
    overload,
    idempotency,
    coalesce,
    telemetry,
    operations,
    routes: Type.Optional(
      Type.Object(
        Object.fromEntries(
          TIMED_ROUTES.map((route) => [
            route,
            Type.Optional(
              Type.Object(
                { timeouts: Type.Optional(timeouts(false, 'Clocks of calls that come in on this route.')) },
                { ...strict, description: `Calls to \`${route}\`.` },
              ),
            ),
          ]),
        ),
        { ...strict, description: 'What differs per client route.' },
      ),
    ),
    providers: Type.Optional(
      Type.Record(Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$' }), provider, {
        ...strict,
        'x-expected': 'a name of letters, digits, `.`, `_`, `-` (63 at most)',
        description:
          'Providers by name. A known one states only what differs; any other name with a `dialect` and a `baseUrl` is a custom provider.',
      }),
    ),
    models: Type.Optional(
      Type.Record(Type.String({ pattern: '^(?!__proto__$)[^\\s*]{1,256}\\*?$' }), alias, {
        ...strict,
        'x-expected': 'a model name without spaces, `*` only at its end',
        description:
          'Aliases: public names for one or more targets. An entry without `targets` says what a model, `provider/model` or `provider/beginning*`, takes and refuses.',
      }),
    ),
  },
  { ...strict, title: 'Headgate configuration' },
);

/** The same as plain JSON Schema, as it is published and as the check reads it. */
export const FILE_NODE: SchemaNode = JSON.parse(JSON.stringify(FILE_SCHEMA)) as SchemaNode;

/** A file's content once check.ts found nothing wrong (an empty section may still be null). */
export type FileConfig = Static<typeof FILE_SCHEMA>;
