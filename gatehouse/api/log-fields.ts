// Shapes of what the log answers, as the OpenAPI document has them.
import type { SchemaNode } from '../../src/config/schema/node.ts';
import { choice, flag, list, mapping, object, text } from './fields.ts';

const count = (description: string): SchemaNode => ({
  type: 'integer',
  minimum: 0,
  maximum: Number.MAX_SAFE_INTEGER,
  description,
});
const length = (description: string): SchemaNode => ({ type: 'number', minimum: 0, description });
const maybe = ' Null: not known, or there is none.';

const use = {
  inputTokens: count(`Of the prompt, cached ones included.${maybe}`),
  cacheReadTokens: count(`Read from the provider’s prompt cache.${maybe}`),
  cacheWriteTokens: count(`Written to it.${maybe}`),
  cacheWriteLongTokens: count(`Of these, those kept for an hour.${maybe}`),
  outputTokens: count(`Of the answer, reasoning included.${maybe}`),
  reasoningTokens: count(maybe),
  audioInputTokens: count(maybe),
  audioOutputTokens: count(maybe),
  images: count(maybe),
  characters: count(maybe),
  seconds: length(`Of sound.${maybe}`),
  searches: count(maybe),
  imageInputTokens: count(`Of pictures in the prompt.${maybe}`),
  imageOutputTokens: count(`Of pictures in the answer.${maybe}`),
  videoInputTokens: count(`Of frames of films in the prompt.${maybe}`),
  webSearches: count(`Of the web, made by the provider.${maybe}`),
  searchSize: text('Of these, as the answer has it. Null: it does not say.'),
  pages: count(`That were read.${maybe}`),
  tier: text(
    'How it was served, where that has prices of its own: `batch`, `flex`, `priority`, …. Null: the standard way.',
  ),
  factors: list(text(''), 'What multiplied its price, such as a region. Null: nothing did.'),
  requests: count('Calls that it is the sum of: results of a batch. Null: it is one.'),
  promptBytes: count('Of text in the prompt, where nobody told its tokens. Null: they were told.'),
  answerEvents: count('Of an answer that was not told whole. Null: it was.'),
  answerBytes: count('Of an answer whose tokens nobody told. Null: they were told.'),
};

/** What only the ledger keeps. */
const counted = {
  countedHeaders: list(
    list(text(''), ''),
    'Headers by which budgets counted the call, each with its value’s hash. Null: there were none.',
  ),
};

const who = {
  key: text('Name of the caller’s key; `anonymous` without one.'),
  keyId: text('Its id.'),
  organization: text(''),
  team: text(''),
  user: text(''),
  customer: text('End user it was for.'),
  project: text(''),
  tags: list(text(''), ''),
};

const money = {
  costNano: count('Whole nanodollars (1e-9 USD). Null: there is no price, which is not 0.'),
  priceVersion: text('Where the price is from; empty = there is none.'),
  estimated: flag('Of what was sent and said: the answer did not tell what it used.'),
};

/** One attempt; texts are empty where there is nothing to say. */
export const rowSchema: SchemaNode = object({
  id: count('Place in the log: the newest is highest.'),
  call: text('Request id.'),
  attempt: count('From 1; 0 = the call ended before any was made.'),
  attempts: count('Of the call.'),
  final: flag('The row that says how the call ended.'),
  at: count('When the call ended, ms since 1970.'),
  session: text('Of the client: `x-headgate-session`, or its own header.'),
  parent: text('Request id of the call it was made for.'),
  operation: text('Such as `chat`.'),
  dialect: text('Of the client.'),
  route: text('Template of the path.'),
  ...who,
  requestedModel: text('As the client wrote it.'),
  model: text('Public name it led to.'),
  provider: text('Who served it, or was asked.'),
  upstreamModel: text('Model at the provider.'),
  keyAlias: text('Alias of the provider’s key.'),
  stream: flag(''),
  status: count(
    'What the client saw, 499 when it left; of a row that is not final the provider’s, 0 = none came.',
  ),
  outcome: choice(['ok', 'error', 'cancelled'], ''),
  error: text('`GW_…`, of final rows.'),
  errorType: text('Such as `provider_rate_limit`.'),
  owner: text('Whose fault: `caller`, `policy`, `provider`, `gateway`; empty = nobody’s.'),
  stop: text('Why the model stopped.'),
  ...use,
  ...money,
  beganMs: length('When the attempt began, ms since the call did.'),
  queueMs: length('Waiting for a place in the lane.'),
  connectMs: length('Waiting for a connection to be opened, or to be free. Null: one was there.'),
  headMs: length('From sending to the head of the answer. Null: none came.'),
  attemptMs: length('Length of the attempt.'),
  ttftMs: length('To the first byte of the answer; of final rows, as all below. Null: none went out.'),
  totalMs: length('Length of the call.'),
  overheadMs: length('The gateway’s own part of it.'),
  tokensPerSecond: length('Of a stream behind its first token. Null: not to be told.'),
  cache: text('`hit`, `miss`, `stale`, `bypass`; empty = none is on.'),
  cacheType: text('`exact` or `semantic`.'),
  similarity: length('Of a semantic hit.'),
  savedNano: count('What a hit saved, in nanodollars.'),
  savedMs: count('How much sooner it came than when it was made. Null: there was none, or not whole.'),
  guardrails: list(
    object({ name: text(''), at: text(''), action: text('') }),
    'What guardrails did, in order.',
  ),
  rescued: text('How a stream that broke off was told whole.'),
  translated: flag('Client and provider speak different dialects.'),
  dropped: list(text(''), 'Fields left out.'),
  adapted: list(text(''), 'Fields changed.'),
  bytesIn: count(''),
  bytesOut: count(''),
  node: text('Machine.'),
  worker: count(''),
});

const facet = list(object({ value: text(''), count: count('Calls.') }), 'Most frequent first, 50 at most.');

export const pageSchema: SchemaNode = object(
  {
    rows: list(rowSchema, 'Newest first. Fewer than asked for is no sign of the end: `next` is.'),
    next: text('What to send as `cursor`; null = no more.'),
    total: count('Calls that fit. Null: not counted for this filter.'),
    facets: mapping(
      facet,
      'Values of each field with the calls that have them in the shown window; with one filter of model, provider, key, team, user or customer, of those that fit it.',
    ),
  },
  ['rows', 'next'],
);

export const chargeSchema: SchemaNode = object({
  id: count('That of the attempt’s row.'),
  call: text('Request id.'),
  attempt: count(''),
  at: count('ms since 1970.'),
  ...who,
  ...counted,
  provider: text(''),
  model: text('Public name.'),
  upstreamModel: text(''),
  operation: text(''),
  ...use,
  ...money,
  originalNano: count(
    'As it was charged at first, in nanodollars; this never changes. Null: there was no price.',
  ),
  originalVersion: text('Where that price was from.'),
  recalculatedAt: count('When it was corrected last, ms since 1970. Null: never.'),
  corrections: list(
    object({
      at: count('ms since 1970.'),
      job: text('Recalculation that made it.'),
      fromNano: count('What it came to before. Null: there was no price.'),
      toNano: count('What it comes to since.'),
      priceVersion: text('Where the price is from.'),
    }),
    'In the order they were made. `costNano` is what they come to.',
  ),
});

const bodySchema = object({
  kind: choice(['request', 'answer'], ''),
  bytes: count('Of the whole body.'),
  truncated: flag('Only its beginning was kept.'),
  sha256: text('Of what was kept, before redaction.'),
  text: text('Redacted. Not UTF-8: base64, see `encoding`.'),
  encoding: choice(['utf8', 'base64'], ''),
});

export const callSchema: SchemaNode = object(
  {
    call: rowSchema,
    attempts: list(rowSchema, 'In order, the last one is `call`; a call without attempts has none.'),
    charges: list(chargeSchema, 'What the ledger has of it.'),
    children: list(rowSchema, 'Calls the gateway made for it; 100 at most.'),
    bodies: list(bodySchema, 'What was kept; empty where bodies are not.'),
  },
  ['call', 'attempts'],
);

const cell = object({
  requests: count(''),
  ok: count(''),
  cancelled: count('The client left.'),
  errors: object(
    { caller: count(''), policy: count(''), provider: count(''), gateway: count('') },
    [],
    'By owner.',
  ),
  attempts: count(''),
  inputTokens: count(''),
  cacheReadTokens: count(''),
  cacheWriteTokens: count(''),
  outputTokens: count(''),
  reasoningTokens: count(''),
  costNano: count('Of what has a price.'),
  unpriced: count('Charges without a price.'),
  savedNano: count('By the cache.'),
  savedMs: count('By the cache, ms.'),
  cacheHits: count(''),
  cacheMisses: count(''),
  ...Object.fromEntries(
    ['ttftMs', 'totalMs', 'overheadMs', 'tokensPerSecond'].map((name) => [
      name,
      object(
        {
          count: count(''),
          p50: length('null = none.'),
          p95: length('null = none.'),
          p99: length('null = none.'),
        },
        [],
        'Percentiles.',
      ),
    ]),
  ),
});

export const statsSchema: SchemaNode = object({
  since: count('ms since 1970.'),
  until: count('Exclusive.'),
  step: choice(['minute', 'hour', 'day'], 'Width of each point.'),
  starts: list(count(''), 'Of the points, ms since 1970, without gaps.'),
  total: cell,
  before: { ...cell, description: 'As long before; null = not asked for.' },
  groups: list(
    object({
      value: text('Null: all others together.'),
      total: cell,
      before: { ...cell, description: 'As long before; null = not asked for.' },
      series: mapping(
        list({ type: 'number', description: '' }, ''),
        'One number for each point, by metric: `requests`, `errors.provider`, `ttftMs.p95`. Null: nothing happened there.',
      ),
    }),
    'One without `group`; else the greatest by `by`, then all others.',
  ),
});

export const ledgerSchema: SchemaNode = object(
  {
    items: list(chargeSchema, 'Newest first.'),
    next: text('What to send as `cursor`; null = no more.'),
    totals: object(
      { charges: count(''), costNano: count(''), unpriced: count('') },
      [],
      'Of all that fit, where it can be told from sums; else null.',
    ),
  },
  ['items', 'next'],
);
