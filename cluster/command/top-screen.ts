// One screen of `headgate top`: lanes as bars, then workers. Pure.
import type { ClusterView, LaneView, WorkerView } from '../../src/contracts/cluster-view.ts';
import { plain } from './log-line.ts';

const BAR = 20;
const MIB = 1024 * 1024;

export function topScreen({ at, nodes, lanes, redis }: ClusterView): string {
  const rows = lanes.map(laneRow);
  return [
    `${new Date(at).toISOString()}  ${nodes.map(({ name, status, version }) => `${name} ${status} ${version}`).join(', ')}  redis ${redis.state}`,
    sumOf(lanes),
    '',
    ...table([
      ['lane', 'in flight', '', 'queued', 'per s', 'errors', 'p50', 'p95', 'p99', 'shed', 'state'],
      ...rows,
    ]),
    '',
    ...table([
      ['worker', 'pid', 'state', 'conns', 'memory', 'loop p95', 'restarts'],
      ...nodes.flatMap(({ workers }) => workers.map(workerRow)),
    ]),
    '',
  ]
    .map((line) => `${plain(line)}\n`)
    .join('');
}

/** All lanes together, and the window that rates and times are of. */
function sumOf(lanes: readonly LaneView[]): string {
  const total = (of: (lane: LaneView) => number): number => lanes.reduce((sum, lane) => sum + of(lane), 0);
  const rate = total((lane) => lane.ratePerSecond);
  const failed = total(({ errorRate, ratePerSecond }) => (errorRate ?? 0) * ratePerSecond);
  const windowMs = Math.max(0, ...lanes.map((lane) => lane.windowMs));
  return [
    `${rate.toFixed(1)} calls/s`,
    `${(rate === 0 ? 0 : (failed / rate) * 100).toFixed(1)} % failed`,
    `${total((lane) => lane.inFlight)} in flight`,
    `${total((lane) => lane.queued)} queued`,
    `${total((lane) => lane.streams)} streams`,
    `rates and times of the last ${Math.round(windowMs / 1_000)} s`,
  ].join('   ');
}

function laneRow(lane: LaneView): string[] {
  const { provider, inFlight, slots, queued, ratePerSecond, errorRate, p50Ms, p95Ms, p99Ms, shed } = lane;
  const full = slots === 0 ? 0 : Math.min(BAR, Math.ceil((inFlight / slots) * BAR));
  return [
    provider,
    `${inFlight}/${slots}`,
    `[${'#'.repeat(full)}${'.'.repeat(BAR - full)}]`,
    String(queued),
    ratePerSecond.toFixed(1),
    errorRate === null ? '-' : `${(errorRate * 100).toFixed(1)} %`,
    msOf(p50Ms),
    msOf(p95Ms),
    msOf(p99Ms),
    String(shed),
    stateOf(lane),
  ];
}

function stateOf({ paused, cooling, circuits, keys }: LaneView): string {
  const resting = keys.filter(({ up }) => up < 1);
  return [
    ...(paused ? ['paused'] : []),
    ...circuits.map(({ model, state }) => `${model} ${state}`),
    ...cooling.map(({ model, forMs }) => `${model} cools ${Math.ceil(forMs / 1_000)} s`),
    ...resting.map(({ alias }) => `key ${alias} rests`),
  ].join(', ');
}

function workerRow({
  index,
  pid,
  state,
  connections,
  memoryBytes,
  loopDelayMs,
  restarts,
}: WorkerView): string[] {
  return [
    String(index),
    String(pid),
    state,
    connections === null ? '-' : String(connections),
    memoryBytes === null ? '-' : `${Math.round(memoryBytes / MIB)} MiB`,
    msOf(loopDelayMs?.p95 ?? null),
    String(restarts),
  ];
}

const msOf = (value: number | null): string =>
  value === null ? '-' : value >= 10_000 ? `${(value / 1_000).toFixed(1)} s` : `${Math.round(value)} ms`;

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  );
}
