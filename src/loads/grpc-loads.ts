// What engines answer by gRPC when they are asked for their load.
import type { ServerLoad } from '../contracts/load-signal.ts';
import { ProtobufReader } from '../wire/protobuf-reader.ts';

/** GetLoadsResponse of vLLM and SGLang: a SchedulerLoad for each of its parts. @throws ProtobufFault */
export function readLoads(bytes: Buffer): ServerLoad {
  const reader = new ProtobufReader(bytes);
  const load: ServerLoad = { running: 0, waiting: 0 };
  while (reader.next()) {
    if (reader.field !== 4) continue;
    const part = reader.message();
    while (part.next()) {
      if (part.field === 2) load.running += part.int();
      else if (part.field === 3) load.waiting += part.int();
    }
  }
  return load;
}

/** GetLoadResponse of SGLang: JSON, of one part or a list of them. @throws Error */
export function readJsonLoad(bytes: Buffer): ServerLoad {
  const reader = new ProtobufReader(bytes);
  let text = '';
  while (reader.next()) if (reader.field === 1) text = reader.text();
  const told: unknown = JSON.parse(text);
  const load: ServerLoad = { running: 0, waiting: 0 };
  let known = false;
  for (const part of (Array.isArray(told) ? told : [told]) as Record<string, unknown>[]) {
    const waiting = numberAt(part, 'num_waiting_reqs') ?? numberAt(part, 'num_queue_reqs');
    const all = numberAt(part, 'num_reqs') ?? numberAt(part, 'num_total_reqs');
    const running = numberAt(part, 'num_running_reqs') ?? (all === null ? null : all - (waiting ?? 0));
    known ||= waiting !== null || running !== null;
    load.waiting += waiting ?? 0;
    load.running += Math.max(0, running ?? 0);
  }
  if (!known) throw new Error('its load says nothing of requests');
  return load;
}

function numberAt(part: Record<string, unknown> | null, name: string): number | null {
  const value = part?.[name];
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

/**
 * Triton tells sums since its start: time that requests spent there, and time of it that they waited. By how much a sum of times grows
 * in a time is how many there were on average (Little's law), so it takes two answers.
 */
export class Statistics {
  #before: { waitedNs: number; spentNs: number; atMs: number } | null = null;

  /** Null: it is the first, or the server began anew. @throws ProtobufFault */
  read(bytes: Buffer, nowMs: number): ServerLoad | null {
    const now = { ...sums(bytes), atMs: nowMs };
    const before = this.#before;
    this.#before = now;
    if (before === null || now.spentNs < before.spentNs || nowMs <= before.atMs) return null;
    const passedNs = (nowMs - before.atMs) * 1e6;
    const waiting = Math.max(0, now.waitedNs - before.waitedNs) / passedNs;
    const all = (now.spentNs - before.spentNs) / passedNs;
    return { waiting, running: Math.max(0, all - waiting) };
  }
}

/** Over all models. */
function sums(bytes: Buffer): { waitedNs: number; spentNs: number } {
  const reader = new ProtobufReader(bytes);
  const found = { waitedNs: 0, spentNs: 0 };
  while (reader.next()) {
    if (reader.field !== 1) continue;
    const model = reader.message();
    while (model.next()) {
      if (model.field !== 6) continue;
      const statistics = model.message();
      while (statistics.next()) {
        if (statistics.field === 1) found.spentNs += nanoseconds(statistics.message());
        else if (statistics.field === 3) found.waitedNs += nanoseconds(statistics.message());
      }
    }
  }
  return found;
}

function nanoseconds(duration: ProtobufReader): number {
  let ns = 0;
  while (duration.next()) if (duration.field === 2) ns = duration.uint();
  return ns;
}
