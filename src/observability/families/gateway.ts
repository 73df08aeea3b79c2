// Metrics of the gateway itself: processes, memory, configuration, and what it asks beside models.
import { LAG, type MetricFamily } from './family.ts';

export const GATEWAY = {
  headgate_issuer_asks_total: {
    type: 'counter',
    help: 'Times a worker asked an issuer of tokens for its keys (ok, failed).',
    labels: ['issuer', 'result'],
  },
  headgate_model_list_asks_total: {
    type: 'counter',
    help: 'Times a worker asked a provider for its list of models (ok, failed).',
    labels: ['provider', 'result'],
  },
  headgate_media_fetches_total: {
    type: 'counter',
    help: 'Files fetched from addresses in requests, for providers that take bytes alone (ok, failed).',
    labels: ['result'],
  },
  headgate_kept_responses: {
    type: 'gauge',
    help: 'Turns of Responses, and conversations, in the memory of the workers.',
    labels: [],
  },
  headgate_kept_responses_bytes: {
    type: 'gauge',
    help: 'Memory they take.',
    labels: [],
  },
  headgate_background_responses: {
    type: 'gauge',
    help: 'Responses that run in the background.',
    labels: [],
  },
  headgate_dependency_up: {
    type: 'gauge',
    help: 'Share of workers that reach what they depend on.',
    labels: ['dependency'],
    merge: 'mean',
  },
  headgate_log_records_sent_total: {
    type: 'counter',
    help: 'Rows of the request log that a callback took.',
    labels: ['sink'],
  },
  headgate_plugin_up: {
    type: 'gauge',
    help: 'Share of workers in which the plugin is on: 0 = it failed too often, could not be loaded, or is not there.',
    labels: ['plugin'],
    merge: 'mean',
  },
  headgate_log_records_dropped_total: {
    type: 'counter',
    help: 'Log lines, or calls of the request log, dropped because their sink was slow, full or gone.',
    labels: ['sink'],
  },
  headgate_log_queue_bytes: {
    type: 'gauge',
    help: 'Bytes of the request log that wait to be read by the gatehouse, of all workers of this gateway.',
    labels: ['sink'],
    // Each worker sees the whole folder.
    merge: 'mean',
  },
  headgate_ledger_corrections_total: {
    type: 'counter',
    help: 'Charges of the ledger that were corrected after a price was mended.',
    labels: [],
  },
  headgate_batches_open: {
    type: 'gauge',
    help: 'Batches begun through this gateway that it asks after until they are over.',
    labels: [],
  },
  headgate_batch_polls_total: {
    type: 'counter',
    help: 'Times the gateway asked a provider how a batch is (open, over, failed, or unread: it is over, and its job’s results cannot be read yet).',
    labels: ['provider', 'state'],
  },
  headgate_budget_alerts_total: {
    type: 'counter',
    help: 'Marks of budgets that were passed (soft, hard), once for each window.',
    labels: ['budget', 'mark'],
  },
  headgate_alert_deliveries_total: {
    type: 'counter',
    help: 'Alerts for webhooks (sent, refused by the receiver, dropped after all tries).',
    labels: ['outcome'],
  },
  headgate_workers: { type: 'gauge', help: 'Workers that serve.', labels: [] },
  headgate_worker_restarts_total: {
    type: 'counter',
    help: 'Workers started to replace one that died.',
    labels: [],
  },
  headgate_event_loop_lag_seconds: {
    type: 'histogram',
    help: 'How late a timer of the worker fired.',
    labels: ['worker'],
    buckets: LAG,
  },
  headgate_resident_memory_bytes: {
    type: 'gauge',
    help: 'Resident memory of the process.',
    labels: ['worker'],
  },
  headgate_open_fds: {
    type: 'gauge',
    help: 'File descriptors the process has open, those kept free not counted.',
    labels: ['worker'],
  },
  headgate_max_fds: {
    type: 'gauge',
    help: 'File descriptors the process may have (ulimit -n).',
    labels: ['worker'],
  },
  headgate_client_connections: {
    type: 'gauge',
    help: 'Connections of clients that are open, idle ones included.',
    labels: ['worker'],
  },
  headgate_connections_refused_total: {
    type: 'counter',
    help: 'Connections beyond what one address may have: told so by a 429 (told), or closed as they came (closed).',
    labels: ['how'],
  },
  headgate_config_version: { type: 'gauge', help: 'Version of the configuration in force.', labels: [] },
  headgate_config_reloads_total: {
    type: 'counter',
    help: 'Attempts to load a new configuration (applied, rejected).',
    labels: ['result'],
  },
  headgate_build_info: { type: 'gauge', help: 'Always 1.', labels: ['version'] },
  headgate_reuseport_migrate: {
    type: 'gauge',
    help: '1 when the kernel moves un-accepted connections of a closing listener (net.ipv4.tcp_migrate_req), 0 when they are lost.',
    labels: [],
  },
} as const satisfies Record<string, MetricFamily>;
