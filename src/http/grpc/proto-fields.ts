// Fields of proto3: what is empty is not written, and what is of another kind is left out.
import type { ProtobufWriter } from '../../wire/protobuf.ts';

export function text(out: ProtobufWriter, field: number, value: unknown): void {
  if (typeof value === 'string' && value !== '') out.text(field, value);
}

export function uint(out: ProtobufWriter, field: number, value: unknown): void {
  if (typeof value === 'number' && Number.isFinite(value) && value > 0) out.uint(field, Math.floor(value));
}
