// Where a model server tells how busy it is.
import type { LoadSignalConfig, LoadSource } from '../contracts/load-signal.ts';
import type { ProviderRecord } from '../contracts/provider.ts';
import type { BuildContext } from './build-context.ts';
import type { ProviderEntry } from './schema/provider.ts';

/** As the engines call them. */
const WAITING = [
  'vllm:num_requests_waiting',
  'sglang:num_queue_reqs',
  'nv_inference_pending_request_count',
  'llamacpp:requests_deferred',
  'tgi_queue_size',
];
const RUNNING = [
  'vllm:num_requests_running',
  'sglang:num_running_reqs',
  'llamacpp:requests_processing',
  'tgi_batch_current_size',
];
const DEFAULTS = { everyMs: 1_000, staleMs: 5_000 } as const;

/** @param baseUrl plain, without what is wrong with it. Null after reporting why there is none. */
export function buildLoad(
  name: string,
  stated: NonNullable<ProviderEntry['load']>,
  record: ProviderRecord | undefined,
  baseUrl: string,
  context: BuildContext,
): LoadSignalConfig | null {
  const at = ['providers', name, 'load'];
  const source = stated.source ?? sourceOf(record);
  const byGrpc = source !== 'metrics';
  if (stated.url === undefined && byGrpc && record?.grpc === undefined) {
    context.report(at, 'a provider that is asked by HTTP also needs the `url` of its gRPC server');
    return null;
  }
  if (stated.url === undefined && !byGrpc && record?.grpc !== undefined) {
    context.report(at, 'a provider that is asked by gRPC also needs the `url` of its metrics');
    return null;
  }
  const url = urlOf(stated.url ?? (byGrpc ? baseUrl : new URL('/metrics', baseUrl).href));
  if (url === null) {
    context.report([...at, 'url'], 'expected a URL such as http://gpu:8000/metrics or grpc://gpu:8001');
    return null;
  }
  for (const member of ['waiting', 'running'] as const)
    if (byGrpc && stated[member] !== undefined)
      context.report([...at, member], 'is the name of a metric, and it is asked by gRPC');
  const staleMs = stated.staleMs ?? Math.max(DEFAULTS.staleMs, 3 * (stated.everyMs ?? 0));
  return {
    source,
    url,
    waiting: listOf(stated.waiting, WAITING),
    running: listOf(stated.running, RUNNING),
    everyMs: stated.everyMs ?? DEFAULTS.everyMs,
    staleMs,
  };
}

function sourceOf(record: ProviderRecord | undefined): LoadSource {
  if (record?.grpc === 'triton') return 'statistics';
  return record?.grpc === 'vllm' || record?.grpc === 'sglang' ? 'loads' : 'metrics';
}

function listOf(stated: string | string[] | undefined, known: readonly string[]): readonly string[] {
  if (stated === undefined) return known;
  return Array.isArray(stated) ? stated : [stated];
}

function urlOf(text: string): string | null {
  const plain = text.replace(/^grpc(s?):/i, 'http$1:');
  if (!URL.canParse(plain)) return null;
  const { protocol, username, password, href } = new URL(plain);
  return /^https?:$/.test(protocol) && username === '' && password === '' ? href : null;
}
