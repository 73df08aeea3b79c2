// The families of GenAI under the names of OpenTelemetry's conventions: those of v1.41, or those of today's repository, which
// tells inference from the rest and counts tokens by kind (telemetry.md 1).
import type { SemanticNames } from '../../contracts/telemetry.ts';
import type { MetricReading, MetricSeries } from '../metric-totals.ts';

/** A family under a name of the conventions. */
export interface NamedReading extends MetricReading {
  readonly unit: string;
}

const ATTRIBUTES: Readonly<Record<string, string>> = {
  operation: 'gen_ai.operation.name',
  provider: 'gen_ai.provider.name',
  model: 'gen_ai.request.model',
  error_type: 'error.type',
};
const INFERENCE: ReadonlySet<string> = new Set(['chat', 'text_completion', 'generate_content']);

/** By the end of the family's name. */
const SECONDS: Readonly<Record<string, string>> = {
  headgate_gen_ai_operation_duration_seconds: 'duration',
  headgate_gen_ai_time_to_first_chunk_seconds: 'time_to_first_chunk',
  headgate_gen_ai_time_per_output_chunk_seconds: 'time_per_output_chunk',
};
const TOKENS = 'headgate_gen_ai_token_usage';

/** Counters of the newer names, by kind. */
const COUNTERS: Readonly<Record<string, string>> = {
  input: 'input_tokens',
  output: 'output_tokens',
  cache_read: 'cache_read.input_tokens',
  cache_write: 'cache_write.input_tokens',
  reasoning: 'reasoning.output_tokens',
};

/** @returns null for a family that has no name there */
export function genAiReadings(reading: MetricReading, names: SemanticNames): NamedReading[] | null {
  const time = SECONDS[reading.name];
  if (time !== undefined) return times(reading, time, names);
  if (reading.name !== TOKENS) return null;
  return names === 'latest' ? latestTokens(reading) : tokens(reading);
}

function times(reading: MetricReading, time: string, names: SemanticNames): NamedReading[] {
  const all = [...reading.series];
  const named = (name: string, series: MetricSeries[]): NamedReading[] =>
    series.length === 0
      ? []
      : [{ ...reading, name, unit: 's', series: series.map((one) => attributed(one)) }];
  const old = `gen_ai.client.operation.${time}`;
  if (names !== 'latest') return named(old, all);
  const isInference = ({ labels }: MetricSeries): boolean => INFERENCE.has(labels['operation'] ?? '');
  return [
    ...named(`gen_ai.client.inference.${time}`, all.filter(isInference)),
    ...named(
      old,
      all.filter((one) => !isInference(one)),
    ),
  ];
}

function tokens(reading: MetricReading): NamedReading[] {
  const series = [...reading.series]
    .filter(({ labels }) => labels['kind'] === 'input' || labels['kind'] === 'output')
    .map((one) => attributed(one, { 'gen_ai.token.type': one.labels['kind']! }));
  return series.length === 0
    ? []
    : [{ ...reading, name: 'gen_ai.client.token.usage', unit: '{token}', series }];
}

function latestTokens(reading: MetricReading): NamedReading[] {
  const byKind = Map.groupBy(reading.series, ({ labels }) => labels['kind'] ?? '');
  const named: NamedReading[] = [];
  for (const [kind, found] of byKind) {
    const counter = COUNTERS[kind];
    if (counter === undefined) continue;
    named.push({
      name: `gen_ai.client.inference.usage.${counter}`,
      unit: '{token}',
      row: { type: 'counter', help: reading.row.help, labels: [] },
      // Providers tell of all modalities together.
      series: found.map((one) => ({
        ...attributed(one, { 'gen_ai.token.modality': 'unknown' }),
        value: one.sum,
      })),
    });
    if (kind === 'input' || kind === 'output')
      named.push({
        ...reading,
        name: `gen_ai.client.inference.operation.${kind}_tokens`,
        unit: '{token}',
        series: found.map((one) => attributed(one)),
      });
  }
  return named;
}

function attributed(one: MetricSeries, more: Readonly<Record<string, string>> = {}): MetricSeries {
  const labels: Record<string, string> = { ...more };
  for (const [label, value] of Object.entries(one.labels)) {
    const attribute = ATTRIBUTES[label];
    // No error is no attribute.
    if (attribute !== undefined && value !== '') labels[attribute] = value;
  }
  return { ...one, labels };
}
