// What traces and metrics have in common on the wire: attributes, the resource, the scope (opentelemetry/proto/common/v1).
import type { TelemetryConfig } from '../../contracts/telemetry.ts';
import { ProtobufWriter } from '../../wire/protobuf.ts';

/** Longest text of a caller or a provider that goes out. */
const MAX_TEXT = 256;

export function textAttribute(
  to: ProtobufWriter,
  field: number,
  key: string,
  value: string,
  maxLength = MAX_TEXT,
): void {
  const pair = to.begin(field);
  to.text(1, key);
  const any = to.begin(2);
  to.text(1, value.length > maxLength ? value.slice(0, maxLength) : value);
  to.end(any);
  to.end(pair);
}

/** A whole number. */
export function countAttribute(to: ProtobufWriter, field: number, key: string, value: number): void {
  const pair = to.begin(field);
  to.text(1, key);
  const any = to.begin(2);
  to.uint(3, value);
  to.end(any);
  to.end(pair);
}

export function numberAttribute(to: ProtobufWriter, field: number, key: string, value: number): void {
  const pair = to.begin(field);
  to.text(1, key);
  const any = to.begin(2);
  to.double(4, value);
  to.end(any);
  to.end(pair);
}

export function flagAttribute(to: ProtobufWriter, field: number, key: string, value: boolean): void {
  const pair = to.begin(field);
  to.text(1, key);
  const any = to.begin(2);
  to.bool(2, value);
  to.end(any);
  to.end(pair);
}

export function listAttribute(
  to: ProtobufWriter,
  field: number,
  key: string,
  values: readonly string[],
): void {
  const pair = to.begin(field);
  to.text(1, key);
  const any = to.begin(2);
  const list = to.begin(5);
  for (const value of values) {
    const item = to.begin(1);
    to.text(1, value.length > MAX_TEXT ? value.slice(0, MAX_TEXT) : value);
    to.end(item);
  }
  to.end(list);
  to.end(any);
  to.end(pair);
}

/** @param instance tells processes apart that send for the same service. */
export function resourceBytes(
  { serviceName, resource }: TelemetryConfig,
  version: string,
  instance: string,
): Buffer {
  const to = new ProtobufWriter(512);
  const stated: Readonly<Record<string, string>> = {
    'service.name': serviceName,
    'service.version': version,
    'service.instance.id': instance,
    'telemetry.sdk.name': 'headgate',
    'telemetry.sdk.language': 'nodejs',
    'telemetry.sdk.version': version,
    ...resource,
  };
  for (const [key, value] of Object.entries(stated)) textAttribute(to, 1, key, value);
  return to.take();
}

export function scopeBytes(version: string): Buffer {
  const to = new ProtobufWriter(64);
  to.text(1, 'headgate');
  to.text(2, version);
  return to.take();
}
