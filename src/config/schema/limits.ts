// Lane numbers, clocks, retries and cool-downs: the sections that stand once for all providers and again inside each.

import {
  DEFAULT_AUTO,
  DEFAULT_BREAKER,
  DEFAULT_CONNECTIONS,
  DEFAULT_COOLDOWN,
  DEFAULT_LANE,
  DEFAULT_QUEUE_TEXT,
  DEFAULT_RETRIES,
  DEFAULT_THROUGHPUT_WINDOW_MS,
  DEFAULT_TIMEOUTS,
} from './defaults.ts';
import { duration, integer, strict, type Words } from './parts.ts';
import Type from './type.ts';

/** A shared number has a default and perhaps a variable; one provider's own falls back to the shared one. */
function wording(shared: boolean) {
  return (description: string, env: string | null, fallback: unknown): Words =>
    shared
      ? { description, default: fallback, ...(env === null ? {} : { 'x-env': env }) }
      : { description, 'x-default': 'the shared one' };
}

/** Lane numbers; the shared ones carry defaults and variables, a provider's own do not. */
export const lane = (shared: boolean) => {
  const words = wording(shared);
  return Type.Object(
    {
      concurrency: Type.Optional(
        Type.Union([Type.Integer({ minimum: 1, maximum: 1_000_000 }), Type.Enum(['auto'])], {
          ...words(
            'Calls in flight at one provider. `auto`: as many as it takes without becoming slower are found out, by the time to its first byte.',
            'HEADGATE_CONCURRENCY',
            DEFAULT_LANE.concurrency,
          ),
        }),
      ),
      minConcurrency: integer(1, 1_000_000, {
        description: 'With `auto`: never fewer calls.',
        'x-default': shared ? `\`${DEFAULT_AUTO.min}\`` : 'the shared one',
      }),
      maxConcurrency: integer(1, 1_000_000, {
        description: 'With `auto`: never more calls.',
        'x-default': shared ? `\`${DEFAULT_LANE.concurrency}\`` : 'the shared one',
      }),
      queue: integer(0, 10_000_000, {
        description: 'Calls that may wait for a place.',
        ...(shared
          ? { 'x-default': DEFAULT_QUEUE_TEXT, 'x-env': 'HEADGATE_QUEUE' }
          : { 'x-default': `the shared one if stated, else ${DEFAULT_QUEUE_TEXT}` }),
      }),
      queueTimeoutMs: duration(
        words('Longest wait for a place.', 'HEADGATE_QUEUE_TIMEOUT_MS', DEFAULT_LANE.queueTimeoutMs),
        1,
      ),
      onFull: Type.Optional(
        Type.Enum(['shed', 'block'], {
          ...words(
            'When the queue is full: `shed` answers 503 at once (or takes the next target), `block` waits for a place until `queueTimeoutMs`.',
            'HEADGATE_ON_FULL',
            DEFAULT_LANE.onFull,
          ),
        }),
      ),
    },
    {
      ...strict,
      description: shared
        ? 'Numbers of every lane (one per provider), for the whole gateway: workers share them.'
        : 'Numbers of this lane; what is left out comes from the shared `lane`.',
    },
  );
};

/** Connections; the shared ones carry defaults and variables. */
export const connections = (shared: boolean) => {
  const words = wording(shared);
  return Type.Object(
    {
      maxAgeMs: duration(
        words(
          'A connection that is older carries no further call, so that new addresses of a name get their share; 0 = any age.',
          'HEADGATE_CONNECTION_MAX_AGE_MS',
          DEFAULT_CONNECTIONS.maxAgeMs,
        ),
      ),
    },
    {
      ...strict,
      description: shared ? 'Connections to providers.' : 'Connections to this provider.',
    },
  );
};

/** Clocks; the shared ones carry defaults and variables. */
export const timeouts = (shared: boolean, description: string) => {
  const words = wording(shared);
  return Type.Object(
    {
      connectMs: duration(
        words('Until a connection stands.', 'HEADGATE_CONNECT_TIMEOUT_MS', DEFAULT_TIMEOUTS.connectMs),
      ),
      headersMs: duration(
        words(
          'From the request sent to the head of the answer, streamed or whole.',
          'HEADGATE_HEADERS_TIMEOUT_MS',
          DEFAULT_TIMEOUTS.headersMs,
        ),
      ),
      firstTokenMs: duration(
        words(
          'From the request sent to the first content of a stream.',
          'HEADGATE_FIRST_TOKEN_TIMEOUT_MS',
          DEFAULT_TIMEOUTS.firstTokenMs,
        ),
      ),
      betweenTokensMs: duration(
        words(
          'Longest silence inside an answer. One that is no stream has three times as long from its first byte to its last.',
          'HEADGATE_BETWEEN_TOKENS_TIMEOUT_MS',
          DEFAULT_TIMEOUTS.betweenTokensMs,
        ),
      ),
      minTokensPerSecond: Type.Optional(
        Type.Number({
          minimum: 0,
          maximum: 10_000,
          description:
            'Least speed of a stream after its first content, in content events (about tokens) a second over `throughputWindowMs`; 0 = any.',
          'x-default': shared ? '`0`' : 'the shared one',
        }),
      ),
      throughputWindowMs: duration(
        {
          description: 'Over what time that speed is measured.',
          'x-default': shared ? `\`${DEFAULT_THROUGHPUT_WINDOW_MS}\`` : 'the shared one',
        },
        1_000,
      ),
      totalMs: duration(
        words(
          'From the arrival of the request to the last byte of its answer, attempts included.',
          'HEADGATE_TOTAL_TIMEOUT_MS',
          DEFAULT_TIMEOUTS.totalMs,
        ),
      ),
    },
    { ...strict, description },
  );
};

/** Further attempts; the shared ones carry defaults. */
export const retries = (shared: boolean) => {
  const words = wording(shared);
  return Type.Object(
    {
      max: integer(
        0,
        20,
        words('Further attempts per target after the first.', 'HEADGATE_RETRIES', DEFAULT_RETRIES.max),
      ),
      backoffMs: duration(
        words('First pause before a further attempt; doubled each time.', null, DEFAULT_RETRIES.backoffMs),
      ),
      maxBackoffMs: duration(words('Longest such pause.', null, DEFAULT_RETRIES.maxBackoffMs)),
      maxAttempts: integer(
        1,
        100,
        words('Attempts of one request over all its targets.', null, DEFAULT_RETRIES.maxAttempts),
      ),
    },
    {
      ...strict,
      description: shared
        ? 'Further attempts, unless a provider states its own.'
        : 'Further attempts at this provider; what is left out comes from the shared `retries`.',
    },
  );
};

/** How long a refused target is passed by; the shared ones carry defaults. */
export const cooldown = (shared: boolean) => {
  const words = wording(shared);
  return Type.Object(
    {
      rateLimitMs: duration(
        words(
          'After a 429 that says for how long neither in `retry-after` nor in its reset headers; times 2, 3, … 10 when it happens again and again.',
          null,
          DEFAULT_COOLDOWN.rateLimitMs,
        ),
      ),
      overloadMs: duration(
        words(
          'After a 503 or 529 that does not say for how long, once the retries are spent; times 2, 3, 4 when it happens again and again.',
          null,
          DEFAULT_COOLDOWN.overloadMs,
        ),
      ),
      maxMs: duration(
        words(
          'Longest cool-down, also where the provider states a longer one; 0 = none at all.',
          null,
          DEFAULT_COOLDOWN.maxMs,
        ),
      ),
    },
    {
      ...strict,
      description: shared
        ? 'A model whose provider is limited or overloaded is passed by for a while, by callers that have another target.'
        : 'Cool-downs at this provider; what is left out comes from the shared `cooldown`.',
    },
  );
};

/** When a failing model is passed by; the shared ones carry defaults and variables. */
export const breaker = (shared: boolean) => {
  const words = wording(shared);
  return Type.Object(
    {
      failures: integer(
        0,
        1_000,
        words(
          'Failures (5xx, no answer in time, a broken one) that open the circuit: so many in a row, or so many more than there were answers; 0 = never.',
          'HEADGATE_BREAKER_FAILURES',
          DEFAULT_BREAKER.failures,
        ),
      ),
      openMs: duration(
        words(
          'First pause, spread by a fifth, before one call finds out whether it answers again; doubled each time it does not.',
          'HEADGATE_BREAKER_OPEN_MS',
          DEFAULT_BREAKER.openMs,
        ),
        1,
      ),
      maxOpenMs: duration(
        words('Longest such pause.', 'HEADGATE_BREAKER_MAX_OPEN_MS', DEFAULT_BREAKER.maxOpenMs),
        1,
      ),
      slowStartMs: duration(
        words(
          'Once it answers, its part of the calls grows from a tenth to all of them in this time.',
          'HEADGATE_BREAKER_SLOW_START_MS',
          DEFAULT_BREAKER.slowStartMs,
        ),
      ),
    },
    {
      ...strict,
      description: shared
        ? 'A model whose provider fails is passed by, by callers that have another target, until it answers again.'
        : 'The circuit breakers of this provider; what is left out comes from the shared `breaker`.',
    },
  );
};
