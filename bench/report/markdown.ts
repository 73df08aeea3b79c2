// A run as Markdown: first what was asked for and whether it is met, then a table for each scenario.
import type { Measurement, Metric } from '../contract.ts';
import type { BenchRun, ScenarioRecord } from '../result.ts';
import { barsOf, ratioOf } from './ratio.ts';
import { readable } from './readable.ts';

/** @param pictures file names of a scenario's charts, beside the report. */
export function reportMarkdown(run: BenchRun, pictures: ReadonlyMap<string, readonly string[]>): string {
  const parts = [
    '# Bench report',
    run.settings.quick ? '**A quick run: it shows that everything works, no number of it counts.**' : '',
    facts(run),
    peerTable(run),
    bars(run),
    ...run.scenarios.map((record) => scenario(record, pictures.get(record.name) ?? [])),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function facts({ at, machine, settings, ceiling }: BenchRun): string {
  const lines = [
    `${at.slice(0, 16).replace('T', ' ')} UTC, commit ${machine.commit ?? 'unknown'}.`,
    `${machine.cores} x ${machine.cpu}, ${Math.round(machine.memoryBytes / 2 ** 30)} GiB, ${machine.kernel}, Node ${machine.node}, uWebSockets.js ${machine.uws}.`,
    `Gateway on core ${settings.gatewayCores.join(', ')}, mock and load on core ${settings.loadCores.join(', ')}; ${settings.rounds} alternating rounds of ${settings.seconds} s, medians, rounds in brackets.`,
  ];
  if (ceiling !== null) {
    lines.push(
      `The mock called directly: ${readable(ceiling.perSecond)} requests/s by ${ceiling.by}, ${readable(ceiling.cpuMicros)} us of CPU each.`,
    );
  }
  return lines.join('\n');
}

function peerTable({ peers }: BenchRun): string {
  const rows = peers.map(({ name, about, found }) => [
    name,
    found.missing === undefined ? found.version : `left out: ${found.missing}`,
    about,
  ]);
  return table(['gateway', 'version', 'set-up'], rows);
}

function bars({ scenarios }: BenchRun): string {
  const rows = scenarios.flatMap(({ name, metrics, result }) =>
    barsOf(metrics, result?.measurements ?? []).map(({ metric, target, bar, value, met }) => [
      name,
      metric.name,
      target,
      bar,
      value === null ? '–' : readable(value),
      value === null ? 'not measured' : met ? 'met' : '**missed**',
    ]),
  );
  if (rows.length === 0) return '';
  return `## Bars\n\n${table(['scenario', 'metric', 'of', 'bar', 'measured', ''], rows)}`;
}

function scenario(record: ScenarioRecord, pictures: readonly string[]): string {
  const { title, name, method, metrics, result, error, warnings, tookSeconds } = record;
  const parts = [`## ${title}`, `\`${name}\`, ${Math.round(tookSeconds)} s. ${method}`];
  if (error !== null) parts.push(`**No result:** ${error}`);
  if (result !== null) {
    parts.push(numbers(metrics, result.measurements));
    parts.push(...pictures.map((file) => `![${title}](${file})`));
  }
  const remarks = [...(result?.notes ?? []), ...warnings];
  if (remarks.length > 0) parts.push(remarks.map((text) => `- ${text}`).join('\n'));
  return parts.join('\n\n');
}

/** One row a target, one column a metric; remarks below, numbered. */
function numbers(metrics: readonly Metric[], measurements: readonly Measurement[]): string {
  const targets = [...new Set(measurements.map(({ target }) => target))];
  const shown = metrics.filter(({ name }) => measurements.some(({ metric }) => metric === name));
  const remarks: string[] = [];
  const rows = targets.map((target) => [
    target,
    ...shown.map((metric) => cell(metric, target, measurements, remarks)),
  ]);
  const head = ['target', ...shown.map(({ name, unit }) => (name === unit ? name : `${name}, ${unit}`))];
  const notes = remarks.map((text, at) => `${at + 1}. ${text}`);
  return notes.length === 0 ? table(head, rows) : `${table(head, rows)}\n\n${notes.join('\n')}`;
}

function cell(
  metric: Metric,
  target: string,
  measurements: readonly Measurement[],
  remarks: string[],
): string {
  const row = measurements.find((other) => other.metric === metric.name && other.target === target);
  if (row === undefined) return '';
  const parts: string[] = [];
  if (row.value === null) parts.push('–');
  else {
    parts.push(readable(row.value));
    if (row.rounds.length > 1) {
      parts.push(`(${readable(Math.min(...row.rounds))}–${readable(Math.max(...row.rounds))})`);
    }
    const ratio = ratioOf(metric, target, measurements);
    if (ratio !== null && target !== metric.against) parts.push(`**${ratio.value.toFixed(2)} x**`);
  }
  if (row.remark !== undefined) {
    const known = remarks.indexOf(row.remark);
    parts.push(`[${known === -1 ? remarks.push(row.remark) : known + 1}]`);
  }
  return parts.join(' ');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((text) => text.replaceAll('|', '/')).join(' | ')} |`;
  return [line(head), `|${head.map(() => '---|').join('')}`, ...rows.map(line)].join('\n');
}
