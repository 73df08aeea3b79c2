// Export*ServiceRequest of traces and metrics alike: one resource, one scope, and what was written for it.
import { ProtobufWriter } from '../../wire/protobuf.ts';

/** @param items fields of ScopeSpans or ScopeMetrics behind its scope. */
export function exportRequest(resource: Buffer, scope: Buffer, items: Buffer): Buffer {
  const inner = new ProtobufWriter(scope.length + 32);
  inner.bytes(1, scope);
  const scoped = Buffer.concat([inner.take(), items]);
  const outer = new ProtobufWriter(scoped.length + resource.length + 64);
  const start = outer.begin(1);
  outer.bytes(1, resource);
  outer.bytes(2, scoped);
  outer.end(start);
  return outer.take();
}
