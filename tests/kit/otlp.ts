// Reads what goes to an OTLP receiver: protocol buffers into plain objects, as far as Headgate writes them. That the tables
// are right is tried on bytes that OpenTelemetry's own packages wrote (src/observability/otlp/otlp.test.ts).
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface OtlpSpan {
  resource: Record<string, unknown>;
  scope: string;
  traceId: string;
  spanId: string;
  parentSpanId: string;
  traceState: string;
  name: string;
  kind: number;
  start: bigint;
  end: bigint;
  attributes: Record<string, unknown>;
  /** `null` = unset. */
  status: { message: string; code: number } | null;
}

export interface OtlpPoint {
  attributes: Record<string, unknown>;
  value: number;
  count: number;
  sum: number;
  counts: number[];
  bounds: number[];
}

export interface OtlpMetric {
  name: string;
  unit: string;
  kind: 'gauge' | 'sum' | 'histogram';
  monotonic: boolean;
  temporality: number;
  points: OtlpPoint[];
}

type Field = { number: number; value: bigint | Buffer };

function fieldsOf(bytes: Buffer): Field[] {
  const fields: Field[] = [];
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++];
      if (byte === undefined) throw new Error('a varint is cut');
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < bytes.length) {
    const tag = Number(varint());
    const number = tag >>> 3;
    const type = tag & 7;
    if (type === 0) fields.push({ number, value: varint() });
    else {
      const length = type === 1 ? 8 : type === 5 ? 4 : type === 2 ? Number(varint()) : -1;
      if (length < 0 || at + length > bytes.length)
        throw new Error(`field ${number} is cut or of type ${type}`);
      fields.push({ number, value: bytes.subarray(at, at + length) });
      at += length;
    }
  }
  return fields;
}

const all = (fields: Field[], number: number): Buffer[] =>
  fields.filter((field) => field.number === number).map(({ value }) => value as Buffer);
const one = (fields: Field[], number: number): Buffer => all(fields, number)[0] ?? Buffer.alloc(0);
const int = (fields: Field[], number: number): number =>
  Number(fields.find((field) => field.number === number)?.value ?? 0n);
const fixed = (fields: Field[], number: number): bigint => {
  const bytes = one(fields, number);
  return bytes.length === 8 ? bytes.readBigUInt64LE() : 0n;
};
const double = (fields: Field[], number: number): number => {
  const bytes = one(fields, number);
  return bytes.length === 8 ? bytes.readDoubleLE() : 0;
};

function anyOf(bytes: Buffer): unknown {
  const [field] = fieldsOf(bytes);
  if (field === undefined) return null;
  const { number, value } = field;
  if (number === 1) return String(value);
  if (number === 2) return value === 1n;
  if (number === 3) return Number(value);
  if (number === 4) return (value as Buffer).readDoubleLE();
  if (number === 5) return all(fieldsOf(value as Buffer), 1).map(anyOf);
  throw new Error(`AnyValue of kind ${number}`);
}

const attributesOf = (fields: Field[], number: number): Record<string, unknown> =>
  Object.fromEntries(
    all(fields, number).map((bytes) => {
      const pair = fieldsOf(bytes);
      return [String(one(pair, 1)), anyOf(one(pair, 2))];
    }),
  );

function* scopedOf(
  body: Buffer,
  items: number,
): Iterable<{ resource: Record<string, unknown>; scope: string; item: Field[] }> {
  for (const of of all(fieldsOf(body), 1)) {
    const outer = fieldsOf(of);
    const resource = attributesOf(fieldsOf(one(outer, 1)), 1);
    for (const scoped of all(outer, 2)) {
      const inner = fieldsOf(scoped);
      const scope = String(one(fieldsOf(one(inner, 1)), 1));
      for (const item of all(inner, items)) yield { resource, scope, item: fieldsOf(item) };
    }
  }
}

/** Of an ExportTraceServiceRequest. */
export function spansOf(body: Buffer): OtlpSpan[] {
  return [...scopedOf(body, 2)].map(({ resource, scope, item }) => {
    const status = fieldsOf(one(item, 15));
    const said = { message: String(one(status, 2)), code: int(status, 3) };
    return {
      resource,
      scope,
      traceId: one(item, 1).toString('hex'),
      spanId: one(item, 2).toString('hex'),
      parentSpanId: one(item, 4).toString('hex'),
      traceState: String(one(item, 3)),
      name: String(one(item, 5)),
      kind: int(item, 6),
      start: fixed(item, 7),
      end: fixed(item, 8),
      attributes: attributesOf(item, 9),
      status: said.code === 0 ? null : said,
    };
  });
}

/** Of an ExportMetricsServiceRequest. */
export function metricsOf(body: Buffer): OtlpMetric[] {
  return [...scopedOf(body, 2)].map(({ item }) => {
    const kind = all(item, 5).length > 0 ? 'gauge' : all(item, 7).length > 0 ? 'sum' : 'histogram';
    const data = fieldsOf(one(item, kind === 'gauge' ? 5 : kind === 'sum' ? 7 : 9));
    return {
      name: String(one(item, 1)),
      unit: String(one(item, 3)),
      kind,
      monotonic: int(data, 3) === 1,
      temporality: int(data, 2),
      points: all(data, 1).map((bytes) => pointOf(fieldsOf(bytes), kind)),
    };
  });
}

function pointOf(point: Field[], kind: OtlpMetric['kind']): OtlpPoint {
  const many = (number: number): Buffer[] => {
    const packed = one(point, number);
    return Array.from({ length: packed.length / 8 }, (_, at) => packed.subarray(at * 8, at * 8 + 8));
  };
  if (kind !== 'histogram')
    return {
      attributes: attributesOf(point, 7),
      value: double(point, 4),
      count: 0,
      sum: 0,
      counts: [],
      bounds: [],
    };
  return {
    attributes: attributesOf(point, 9),
    value: 0,
    count: Number(fixed(point, 4)),
    sum: double(point, 5),
    counts: many(6).map((bytes) => Number(bytes.readBigUInt64LE())),
    bounds: many(7).map((bytes) => bytes.readDoubleLE()),
  };
}

/** A receiver of OTLP over HTTP that keeps what it was sent. */
export interface OtlpReceiver {
  readonly url: string;
  readonly spans: OtlpSpan[];
  readonly metrics: OtlpMetric[];
  /** Of all requests, in order. */
  readonly headers: Record<string, unknown>[];
  /** Answers from now on with this status, and keeps nothing of what it then refuses. */
  answer(status: number): void;
  close(): Promise<void>;
}

export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const spans: OtlpSpan[] = [];
  const metrics: OtlpMetric[] = [];
  const headers: Record<string, unknown>[] = [];
  let status = 200;
  const server: Server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      headers.push(request.headers);
      if (status === 200) {
        const body = Buffer.concat(pieces);
        if (request.url === '/v1/traces') spans.push(...spansOf(body));
        else if (request.url === '/v1/metrics') metrics.push(...metricsOf(body));
      }
      response.writeHead(status, { 'content-type': 'application/x-protobuf' }).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    metrics,
    headers,
    answer(next) {
      status = next;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
