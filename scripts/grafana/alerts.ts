// Alert rules for Prometheus: what somebody should be woken up for, and what can wait for the morning.

interface Alert {
  name: string;
  expr: string;
  /** How long it must hold. */
  for: string;
  severity: 'page' | 'ticket';
  summary: string;
  /** What to look at first. */
  advice: string;
}

export const ALERTS: readonly Alert[] = [
  {
    name: 'HeadgateDown',
    expr: 'absent(headgate_build_info) or sum(headgate_workers) == 0',
    for: '2m',
    severity: 'page',
    summary: 'No worker of Headgate serves.',
    advice:
      'The log of the primary says why workers end; `headgate check` whether the configuration can be used.',
  },
  {
    name: 'HeadgateFailing',
    expr: 'sum(rate(headgate_requests_total{error_type=~"provider_.*|gateway_.*"}[5m])) / sum(rate(headgate_requests_total[5m])) > 0.05',
    for: '5m',
    severity: 'page',
    summary: 'More than 5 % of the calls fail by a provider’s or the gateway’s fault.',
    advice: 'Errors by type on the board; /health names lanes, keys and circuits.',
  },
  {
    name: 'HeadgateInternalErrors',
    expr: 'sum(rate(headgate_requests_total{error_type=~"gateway_internal|_OTHER"}[5m])) > 0',
    for: '5m',
    severity: 'ticket',
    summary: 'Calls fail inside the gateway.',
    advice: 'Lines `a request failed inside the gateway` have the cause.',
  },
  {
    name: 'HeadgateProviderDown',
    expr: 'sum by (provider) (rate(headgate_upstream_requests_total{error_type!=""}[5m])) / sum by (provider) (rate(headgate_upstream_requests_total[5m])) > 0.5',
    for: '5m',
    severity: 'page',
    summary: 'More than half of the attempts at {{ $labels.provider }} fail.',
    advice: 'Its status page; aliases with another target go on without it.',
  },
  {
    name: 'HeadgateKeysResting',
    expr: 'sum by (provider) (headgate_upstream_key_up) == 0',
    for: '5m',
    severity: 'page',
    summary: 'No key of {{ $labels.provider }} is usable.',
    advice: 'They were refused or are over their quota: the log says which and why.',
  },
  {
    name: 'HeadgateShedding',
    expr: 'sum by (provider) (rate(headgate_shed_total[5m])) > 0',
    for: '5m',
    severity: 'ticket',
    summary: 'The lane of {{ $labels.provider }} refuses calls.',
    advice:
      'Its concurrency is used up and its queue full: raise `lane.concurrency`, or find out why answers take longer.',
  },
  {
    name: 'HeadgateSlow',
    expr: 'histogram_quantile(0.99, sum by (le) (rate(headgate_overhead_seconds_bucket[5m]))) > 0.05',
    for: '10m',
    severity: 'ticket',
    summary: 'The gateway itself takes more than 50 ms of one call in a hundred.',
    advice:
      'Event loop lag by worker: more cores, or fewer large bodies a worker (HEADGATE_OFFLOAD_BYTES, HEADGATE_THREADS).',
  },
  {
    name: 'HeadgateRedisDown',
    expr: 'headgate_dependency_up{dependency="redis"} < 1',
    for: '2m',
    severity: 'page',
    summary: 'Some workers do not reach Redis: limits are decided by `redis.onFailure`.',
    advice: '/health names the fault.',
  },
  {
    name: 'HeadgateWorkersRestart',
    expr: 'increase(headgate_worker_restarts_total[15m]) > 3',
    for: '1m',
    severity: 'ticket',
    summary: 'Workers die again and again.',
    advice: 'Lines `worker ended` and `worker is killed` say how.',
  },
  {
    name: 'HeadgateReloadRejected',
    expr: 'increase(headgate_config_reloads_total{result="rejected"}[15m]) > 0',
    for: '1m',
    severity: 'ticket',
    summary: 'A changed configuration was rejected: the old one is in force.',
    advice: '`headgate check` lists what is wrong with it.',
  },
  {
    name: 'HeadgateUnpriced',
    expr: 'sum by (provider, model) (increase(headgate_unpriced_requests_total[1h])) > 0',
    for: '1h',
    severity: 'ticket',
    summary: '{{ $labels.model }} of {{ $labels.provider }} is called and has no price.',
    advice: 'State one in `prices`.',
  },
  {
    name: 'HeadgateCredentialExpires',
    expr: 'headgate_credential_expiry_timestamp_seconds - time() < 300',
    for: '5m',
    severity: 'page',
    summary: 'The token of {{ $labels.provider }} expires and is not renewed.',
    advice: '`headgate_credential_renewals_total{outcome!="renewed"}`, and the log of the primary.',
  },
  {
    name: 'HeadgateDescriptors',
    expr: 'max by (instance, worker) (headgate_open_fds / headgate_max_fds) > 0.85',
    for: '5m',
    severity: 'ticket',
    summary: 'A worker is running out of file descriptors.',
    advice: 'Raise `ulimit -n` (docs/operations.md, File descriptors).',
  },
  {
    name: 'HeadgateRecordsDropped',
    expr: 'sum by (sink) (rate(headgate_log_records_dropped_total[5m])) > 0',
    for: '10m',
    severity: 'ticket',
    summary: 'Records for {{ $labels.sink }} are dropped.',
    advice: 'Its receiver is slow or gone; calls are not harmed.',
  },
];

/** As Prometheus reads a file of rules. */
export function alertRules(): object {
  return {
    groups: [
      {
        name: 'headgate',
        rules: ALERTS.map(({ name, expr, for: holds, severity, summary, advice }) => ({
          alert: name,
          expr,
          for: holds,
          labels: { severity },
          annotations: { summary, description: advice },
        })),
      },
    ],
  };
}
