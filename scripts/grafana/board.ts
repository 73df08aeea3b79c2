// The board for Grafana as code: rows of panels, each a few expressions over the metrics of docs/metrics.md.

/** What a panel shows of one expression. */
interface Query {
  expr: string;
  /** With `{{label}}` for labels. */
  legend: string;
}

interface Panel {
  title: string;
  /** Grafana's name of the unit: `reqps`, `s`, `percentunit`, `currencyUSD`, … */
  unit: string;
  queries: Query[];
  kind?: 'timeseries' | 'stat' | 'table';
  stacked?: boolean;
  about?: string;
}

interface Row {
  title: string;
  panels: Panel[];
}

const RATE = '[$__rate_interval]';
/** By the chosen providers and models. */
const OF = '{job=~"$job",provider=~"$provider",model=~"$model"}';
const OF_PROVIDER = '{job=~"$job",provider=~"$provider"}';
const ALL = '{job=~"$job"}';

const quantile = (q: number, family: string, by: string, of: string): string =>
  `histogram_quantile(${q}, sum by (le${by === '' ? '' : `, ${by}`}) (rate(${family}_bucket${of}${RATE})))`;
const perSecond = (family: string, by: string, of: string): string =>
  `sum by (${by}) (rate(${family}${of}${RATE}))`;

const query = (expr: string, legend: string): Query => ({ expr, legend });

export const ROWS: readonly Row[] = [
  {
    title: 'Is it well?',
    panels: [
      {
        title: 'Requests',
        unit: 'reqps',
        kind: 'stat',
        queries: [query(`sum(rate(headgate_requests_total${ALL}${RATE}))`, 'all')],
      },
      {
        title: 'Failed, by provider or gateway',
        unit: 'percentunit',
        kind: 'stat',
        about: 'What callers did wrong and what limits refused is no failure.',
        queries: [
          query(
            `sum(rate(headgate_requests_total{job=~"$job",error_type=~"provider_.*|gateway_.*"}${RATE})) / sum(rate(headgate_requests_total${ALL}${RATE}))`,
            'failed',
          ),
        ],
      },
      {
        title: 'Cost, a day at this pace',
        unit: 'currencyUSD',
        kind: 'stat',
        queries: [query(`sum(rate(headgate_cost_usd_total${ALL}${RATE})) * 86400`, 'a day')],
      },
      {
        title: 'TTFT p95',
        unit: 's',
        kind: 'stat',
        queries: [query(quantile(0.95, 'headgate_time_to_first_token_seconds', '', ALL), 'p95')],
      },
      {
        title: 'Overhead p99',
        unit: 's',
        kind: 'stat',
        about: 'Time the gateway itself took.',
        queries: [query(quantile(0.99, 'headgate_overhead_seconds', '', ALL), 'p99')],
      },
      {
        title: 'Workers',
        unit: 'short',
        kind: 'stat',
        queries: [query(`sum(headgate_workers${ALL})`, 'serving')],
      },
    ],
  },
  {
    title: 'Traffic',
    panels: [
      {
        title: 'Requests by outcome',
        unit: 'reqps',
        stacked: true,
        queries: [query(perSecond('headgate_requests_total', 'outcome', OF), '{{outcome}}')],
      },
      {
        title: 'Errors by type',
        unit: 'reqps',
        stacked: true,
        about: 'The prefix says whose it is: caller, policy, provider, gateway.',
        queries: [
          query(
            `sum by (error_type) (rate(headgate_requests_total{job=~"$job",provider=~"$provider",model=~"$model",error_type!=""}${RATE}))`,
            '{{error_type}}',
          ),
        ],
      },
      {
        title: 'Requests by model',
        unit: 'reqps',
        queries: [query(`topk(10, ${perSecond('headgate_requests_total', 'model', OF)})`, '{{model}}')],
      },
      {
        title: 'Duration',
        unit: 's',
        queries: [0.5, 0.95, 0.99].map((q) =>
          query(quantile(q, 'headgate_request_duration_seconds', '', OF), `p${q * 100}`),
        ),
      },
    ],
  },
  {
    title: 'Tokens and money',
    panels: [
      {
        title: 'Tokens',
        unit: 'short',
        stacked: true,
        queries: [query(perSecond('headgate_tokens_total', 'kind', OF), '{{kind}} /s')],
      },
      {
        title: 'Cost by model',
        unit: 'currencyUSD',
        queries: [
          query(
            `topk(10, sum by (model) (rate(headgate_cost_usd_total${OF}${RATE}))) * 3600`,
            '{{model}} /h',
          ),
        ],
      },
      {
        title: 'Calls without a price',
        unit: 'reqps',
        queries: [
          query(
            perSecond('headgate_unpriced_requests_total', 'provider, model', OF),
            '{{provider}} {{model}}',
          ),
        ],
      },
      {
        title: 'Saved by the cache',
        unit: 'currencyUSD',
        queries: [query(`${perSecond('headgate_cache_saved_usd_total', 'type', ALL)} * 3600`, '{{type}} /h')],
      },
    ],
  },
  {
    title: 'Streams',
    panels: [
      {
        title: 'TTFT p95 by model',
        unit: 's',
        queries: [query(quantile(0.95, 'headgate_time_to_first_token_seconds', 'model', OF), '{{model}}')],
      },
      {
        title: 'Tokens per second, median',
        unit: 'short',
        queries: [query(quantile(0.5, 'headgate_output_tokens_per_second', 'model', OF), '{{model}}')],
      },
      {
        title: 'Streams by how they ended',
        unit: 'reqps',
        stacked: true,
        queries: [query(perSecond('headgate_streams_ended_total', 'end', OF_PROVIDER), '{{end}}')],
      },
      {
        title: 'Streams that were gone on with',
        unit: 'reqps',
        queries: [
          query(
            perSecond('headgate_stream_rescues_total', 'provider, outcome', OF_PROVIDER),
            '{{provider}} {{outcome}}',
          ),
        ],
      },
    ],
  },
  {
    title: 'Lanes',
    panels: [
      {
        title: 'In flight',
        unit: 'short',
        queries: [query(`sum by (provider) (headgate_in_flight_requests${OF_PROVIDER})`, '{{provider}}')],
      },
      {
        title: 'Waiting',
        unit: 'short',
        queries: [query(`sum by (provider) (headgate_queue_depth${OF_PROVIDER})`, '{{provider}}')],
      },
      {
        title: 'Wait for a slot, p95',
        unit: 's',
        queries: [
          query(quantile(0.95, 'headgate_queue_wait_seconds', 'provider', OF_PROVIDER), '{{provider}}'),
        ],
      },
      {
        title: 'Attempts by reason',
        unit: 'reqps',
        stacked: true,
        queries: [query(perSecond('headgate_attempts_total', 'reason', OF_PROVIDER), '{{reason}}')],
      },
      {
        title: 'Keys usable',
        unit: 'percentunit',
        queries: [
          query(`avg by (provider, key) (headgate_upstream_key_up${OF_PROVIDER})`, '{{provider}} {{key}}'),
        ],
      },
      {
        title: 'Circuits open, models cooling',
        unit: 'short',
        queries: [
          query(`sum by (provider) (headgate_circuits_open${OF_PROVIDER})`, '{{provider}} open'),
          query(`sum by (provider) (headgate_targets_cooling${OF_PROVIDER})`, '{{provider}} cooling'),
        ],
      },
    ],
  },
  {
    title: 'Limits and cache',
    panels: [
      {
        title: 'Refused by limits',
        unit: 'reqps',
        queries: [
          query(
            `sum by (limit) (rate(headgate_limit_decisions_total{job=~"$job",decision="refused"}${RATE}))`,
            '{{limit}}',
          ),
        ],
      },
      {
        title: 'Redis, p99',
        unit: 's',
        queries: [query(quantile(0.99, 'headgate_redis_duration_seconds', '', ALL), 'p99')],
      },
      {
        title: 'Cache look-ups',
        unit: 'reqps',
        stacked: true,
        queries: [query(perSecond('headgate_cache_lookups_total', 'outcome', ALL), '{{outcome}}')],
      },
    ],
  },
  {
    title: 'The gateway itself',
    panels: [
      {
        title: 'Overhead by dialect, p99',
        unit: 's',
        queries: [query(quantile(0.99, 'headgate_overhead_seconds', 'dialect', ALL), '{{dialect}}')],
      },
      {
        title: 'Event loop lag, p99',
        unit: 's',
        queries: [
          query(quantile(0.99, 'headgate_event_loop_lag_seconds', 'worker', ALL), 'worker {{worker}}'),
        ],
      },
      {
        title: 'Memory',
        unit: 'bytes',
        queries: [query(`headgate_resident_memory_bytes${ALL}`, '{{instance}} worker {{worker}}')],
      },
      {
        title: 'Client connections',
        unit: 'short',
        queries: [query(`sum by (instance) (headgate_client_connections${ALL})`, '{{instance}}')],
      },
      {
        title: 'Restarts and reloads',
        unit: 'short',
        queries: [
          query(`sum(increase(headgate_worker_restarts_total${ALL}${RATE}))`, 'restarts'),
          query(
            `sum by (result) (increase(headgate_config_reloads_total${ALL}${RATE}))`,
            'reload {{result}}',
          ),
        ],
      },
      {
        title: 'Records dropped',
        unit: 'reqps',
        queries: [query(perSecond('headgate_log_records_dropped_total', 'sink', ALL), '{{sink}}')],
      },
    ],
  },
];

/** Grafana's own variable. */
const DATASOURCE = ['$', '{datasource}'].join('');
const COLUMNS = 24;
const HEIGHT = { stat: 4, timeseries: 8, table: 8 } as const;

/** The board as Grafana imports it, schema version 39. */
export function boardJson(): object {
  const panels: object[] = [];
  let id = 0;
  let y = 0;
  for (const row of ROWS) {
    panels.push({
      id: ++id,
      type: 'row',
      title: row.title,
      collapsed: false,
      gridPos: { x: 0, y, w: COLUMNS, h: 1 },
      panels: [],
    });
    y++;
    let x = 0;
    let lowest = 0;
    for (const panel of row.panels) {
      const kind = panel.kind ?? 'timeseries';
      const w = kind === 'stat' ? 4 : 8;
      const h = HEIGHT[kind];
      if (x + w > COLUMNS) {
        x = 0;
        y += lowest;
        lowest = 0;
      }
      panels.push(panelJson(panel, kind, ++id, { x, y, w, h }));
      x += w;
      lowest = Math.max(lowest, h);
    }
    y += lowest;
  }
  return {
    title: 'Headgate',
    uid: 'headgate',
    tags: ['headgate', 'llm'],
    schemaVersion: 39,
    timezone: 'browser',
    refresh: '30s',
    time: { from: 'now-1h', to: 'now' },
    templating: {
      list: [
        source(),
        variable('job', 'headgate_build_info', 'job'),
        variable('provider', 'headgate_in_flight_requests{job=~"$job"}', 'provider'),
        variable('model', 'headgate_requests_total{job=~"$job",provider=~"$provider"}', 'model'),
      ],
    },
    panels,
  };
}

function panelJson(
  { title, unit, queries, stacked, about }: Panel,
  type: string,
  id: number,
  gridPos: object,
): object {
  return {
    id,
    type,
    title,
    ...(about === undefined ? {} : { description: about }),
    gridPos,
    datasource: { type: 'prometheus', uid: DATASOURCE },
    fieldConfig: {
      defaults: {
        unit,
        ...(type === 'timeseries' && {
          min: 0,
          custom: {
            fillOpacity: stacked ? 30 : 5,
            lineWidth: 1,
            spanNulls: false,
            stacking: { mode: stacked ? 'normal' : 'none' },
          },
        }),
      },
      overrides: [],
    },
    targets: queries.map(({ expr, legend }, at) => ({
      refId: String.fromCharCode(65 + at),
      expr,
      legendFormat: legend,
      instant: type === 'table',
    })),
  };
}

const source = (): object => ({
  name: 'datasource',
  label: 'Source',
  type: 'datasource',
  query: 'prometheus',
});

const variable = (name: string, of: string, label: string): object => ({
  name,
  type: 'query',
  datasource: { type: 'prometheus', uid: DATASOURCE },
  query: { query: `label_values(${of}, ${label})`, refId: name },
  refresh: 2,
  includeAll: true,
  allValue: '.*',
  multi: true,
  current: { text: 'All', value: '$__all' },
});
