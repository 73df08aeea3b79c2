// The first workload through a route of the operator's own: payload checked and normalised, a request made of it, an upstream of 200 ms,
// what the model said checked, an answer made of it.
import type { Scenario } from '../contract.ts';
import { MODEL } from '../mock/script.ts';
import { barsOf } from './charts.ts';
import { alternate, HEADGATE, withStarted } from './targets.ts';
import { failures, loadVoid } from './verdict.ts';

const ROUTE = 'openai>openai';
const PATH = '/jobs/bench';
const REQUESTS = 10_000;
const UPSTREAM_MS = 200;
const CONNECTIONS = 1000;
const FEW = 1000;
const RATE = 'req/s';

/** Takes what the load sends, and answers in the shape that the load checks. */
const JOB = {
  path: PATH,
  model: `openai/${MODEL}`,
  input: {
    type: 'object',
    required: ['messages'],
    properties: {
      messages: {
        type: 'array',
        minItems: 1,
        maxItems: 100,
        items: {
          type: 'object',
          required: ['role', 'content'],
          properties: {
            role: { enum: ['system', 'user', 'assistant'] },
            content: { type: 'string', minLength: 1 },
          },
        },
      },
      temperature: { type: 'number', minimum: 0, maximum: 2, default: 1 },
      max_tokens: { type: 'integer', minimum: 1, default: 256 },
    },
  },
  request: {
    messages: '{{payload.messages}}',
    temperature: '{{payload.temperature}}',
    max_tokens: '{{payload.max_tokens}}',
  },
  answer: {
    from: 'text',
    schema: { type: 'string', minLength: 1 },
    body: {
      id: '{{id}}',
      object: 'chat.completion',
      created: 0,
      model: '{{model}}',
      choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: '{{text}}' } }],
      usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
    },
  },
};

export const workloadAJob: Scenario = {
  name: 'workload-a-job',
  title: `Workload A through a JSON job: 10,000 calls to an upstream of ${UPSTREAM_MS} ms`,
  method: `As workload A, by \`POST ${PATH}\` of \`operations\`: the payload is checked against a JSON Schema and normalised, fills a template, and what the model said is checked and \
fills the answer. Headgate alone, two workers, all cores of the machine, the ones of mock and generator too.`,
  metrics: [
    { name: RATE, unit: 'req/s', better: 'higher', bar: { target: HEADGATE, least: 3200 } },
    { name: 'p50', unit: 'ms', better: 'lower' },
    { name: 'p99', unit: 'ms', better: 'lower' },
    { name: 'failed', unit: 'requests', better: 'lower', bar: { target: HEADGATE, most: 0 } },
  ],
  async run(lab) {
    const cores = [...new Set([...lab.gatewayCores, ...lab.loadCores])];
    const start = () =>
      lab.startHeadgate({
        name: HEADGATE,
        workers: 2,
        cores,
        config: {
          operations: { bench: JOB },
          lane: { concurrency: 2 * CONNECTIONS, queue: 2 * CONNECTIONS },
        },
      });
    const starting = [[HEADGATE, start]] as const;
    return withStarted(lab, ROUTE, { delayMs: UPSTREAM_MS }, starting, async ({ targets, notes }) => {
      const book = await alternate(lab, targets, async ({ endpoint }, { round, seconds }) => {
        const result = await lab.unary({
          endpoint: { ...endpoint, path: PATH },
          dialect: 'openai',
          connections: CONNECTIONS,
          seconds,
          total: round === 0 || lab.quick ? FEW : REQUESTS,
        });
        const good = result.failed === 0;
        const { p50, p99 } = result.latencyMicros;
        return {
          values: {
            [RATE]: good ? result.perSecond : Number.NaN,
            p50: good ? p50 / 1000 : Number.NaN,
            p99: good ? p99 / 1000 : Number.NaN,
            failed: result.failed,
          },
          void: loadVoid(result, false),
          remark: failures(result) ?? undefined,
        };
      });
      const measurements = targets.flatMap(({ name }) =>
        [RATE, 'p50', 'p99', 'failed'].map((metric) => book.measurement(name, metric)),
      );
      const title = `Calls of a JSON job to an upstream of ${UPSTREAM_MS} ms`;
      return {
        measurements,
        notes,
        charts: [barsOf(measurements, { title, yLabel: 'req/s', metrics: [RATE] })],
      };
    });
  },
};
