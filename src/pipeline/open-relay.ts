// The relay of a call's stream from one target: bytes as they come where client and provider speak the same dialect
// and no filter stands between, else decoded and encoded.
import type { ToolMemory } from '../contracts/body.ts';
import type { Call } from '../contracts/call.ts';
import type { AnswerContext, Dialect } from '../contracts/dialect.ts';
import type { Frames } from '../contracts/framing.ts';
import type { Target } from '../contracts/plan.ts';
import type { EventRoom } from '../contracts/upstream.ts';
import { sealingEncoder } from '../dialects/proofs.ts';
import { restoringEncoder, turnsBack } from '../dialects/tool-memory.ts';
import { estimateTokens } from '../tokens/estimate.ts';
import { ByteRelay } from './byte-relay.ts';
import { filteringEncoder } from './filter-deltas.ts';
import { ReframeRelay } from './reframe-relay.ts';
import type { Relay, StreamOut } from './stream-relay.ts';
import { TranslateRelay } from './translate-relay.ts';
import { turnOf } from './turn-codec.ts';

const NO_IDS: readonly string[] = [];

/** @param tools what the translation changed of the client's tools. @param wallMs goes into the answer as its time. */
export function openRelay(
  call: Call,
  client: Dialect,
  target: Target,
  tools: ToolMemory | null,
  out: StreamOut,
  wallMs: number,
  room: EventRoom,
): Relay {
  const { maxEventBytes } = call.snapshot.config.server;
  const asked = turnOf(client, call.operation!.name);
  const source = turnOf(target.dialect, target.operation);
  const scanner = source.framing.createScanner({ maxEventBytes, room });
  const context = answerContext(call, target, wallMs, tools);
  const { filters } = call.flow;
  const frames = clientFrames(call, client);
  if (!call.translated && filters.length === 0) {
    const watcher = asked.createWatcher(context);
    return frames === asked.framing
      ? new ByteRelay(scanner, watcher, out)
      : new ReframeRelay(scanner, watcher, frames, out);
  }
  const maker = makerAt(target);
  const own = asked.createEncoder(context);
  const plain =
    call.translated && maker !== client.manner.maker ? sealingEncoder(own, maker, organizationOf(call)) : own;
  const encoder =
    filters.length === 0
      ? plain
      : filteringEncoder(
          plain,
          filters.map((create) => create(call)),
        );
  const restored = tools === null || !turnsBack(tools) ? encoder : restoringEncoder(encoder, tools);
  const decoder = source.createDecoder(tools?.choices);
  return new TranslateRelay(scanner, decoder, restored, frames, out);
}

/** How the call's client gets its stream. */
export function clientFrames({ head }: Call, { chat }: Dialect): Frames {
  return chat.framingFor === undefined ? chat.framing : chat.framingFor(head.query);
}

/** Whose proofs an answer of this target holds. */
export function makerAt({ encode, provider }: Target): string {
  return encode.maker ?? provider.name;
}

/** Whose key the answer comes by; '' = it does not say. */
export function organizationOf({ attempts }: Call): string {
  return attempts.at(-1)?.organization ?? '';
}

/** What an answer that is written anew needs to know of its call. */
export function answerContext(
  call: Call,
  target: Target,
  wallMs: number,
  tools: ToolMemory | null,
): AnswerContext {
  return {
    requestId: call.id,
    model: target.model,
    now: Math.floor(wallMs / 1000),
    includeUsage: call.stream ? call.facts!.includeUsage : true,
    promptEstimate: estimateTokens(call.facts!.promptBytes),
    toolIds: tools?.ids ?? NO_IDS,
    ...(tools?.remembered && { remembered: tools.remembered }),
    ...(call.kept !== null && { kept: call.kept }),
  };
}
