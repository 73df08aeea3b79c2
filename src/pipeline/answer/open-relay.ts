// The relay of a call's stream from one target: bytes as they come where client and provider speak the same dialect
// and no filter stands between, else decoded and encoded.
import type { ToolMemory } from '../../contracts/body.ts';
import type { Call } from '../../contracts/call.ts';
import type { DeltaFilter } from '../../contracts/delta-filter.ts';
import type {
  AnswerContext,
  ChatCodec,
  Dialect,
  StreamDecoder,
  StreamEncoder,
} from '../../contracts/dialect.ts';
import type { EventScanner, Frames } from '../../contracts/framing.ts';
import type { Target } from '../../contracts/plan.ts';
import type { EventRoom } from '../../contracts/upstream.ts';
import { scanAnswer } from '../../dialects/answer-json.ts';
import { sealingEncoder } from '../../dialects/sealing-encoder.ts';
import { cutsOf, cuttingDecoder } from '../../dialects/stop-cut.ts';
import { restoringEncoder, turnsBack } from '../../dialects/tool-memory.ts';
import { readSampling } from '../../cache/sampling.ts';
import { estimateTokens } from '../../tokens/estimate.ts';
import { AsideRelay, type LateOut } from './aside-relay.ts';
import { ByteRelay } from './byte-relay.ts';
import { habitsAsked, tellsUsageApart, wordsSuit } from './client-habits.ts';
import { filteringEncoder } from './filter-deltas.ts';
import { type FilteredParts, FilteredRelay, isLetting, isPassing, isRepeating } from './filtered-relay.ts';
import { filterAlone, queueAlone } from './heard-alone.ts';
import { ReframeRelay } from './reframe-relay.ts';
import type { Position } from '../rescue/position.ts';
import type { Relay } from './stream-relay.ts';
import { TranslateRelay } from './translate-relay.ts';
import { turnOf } from './turn-codec.ts';

const NO_IDS: readonly string[] = [];

/** @param tools what the translation changed of the client's tools. @param wallMs goes into the answer as its time. */
export function openRelay(
  call: Call,
  client: Dialect,
  target: Target,
  tools: ToolMemory | null,
  out: LateOut,
  wallMs: number,
  room: EventRoom,
): Relay {
  const { maxEventBytes } = call.snapshot.config.server;
  const asked = turnOf(client, call.operation!.name);
  const source = turnOf(target.dialect, target.operation);
  const scanner = source.framing.createScanner({ maxEventBytes, room });
  const context = answerContext(call, target, wallMs, tools);
  const { filters } = call;
  const frames = clientFrames(call, client);
  const aside = call.plugins?.deltas ?? null;
  const ownWords = !call.translated && wordsSuit(call, target.provider);
  if (ownWords && filters.length === 0 && aside === null && cutsOf(tools) === null) {
    const watcher = asked.createWatcher(context);
    return frames === asked.framing
      ? new ByteRelay(scanner, watcher, out)
      : new ReframeRelay(scanner, watcher, frames, out);
  }
  const maker = makerAt(target);
  const own = asked.createEncoder(context);
  const plain = sealed(call, client, maker, own);
  return writtenRelay(call, target, tools, plain, scanner, frames, out, false);
}

/**
 * The relay of an answer that goes on with the stream its client has.
 *
 * @param goOn the encoder that does, made of a fresh one. @param position where the stream stands.
 */
export function openFurtherRelay(
  call: Call,
  client: Dialect,
  target: Target,
  tools: ToolMemory | null,
  out: LateOut,
  wallMs: number,
  room: EventRoom,
  position: Position,
  goOn: (encoder: StreamEncoder) => StreamEncoder,
): Relay {
  const { maxEventBytes } = call.snapshot.config.server;
  const scanner = turnOf(target.dialect, target.operation).framing.createScanner({ maxEventBytes, room });
  const further = goOn(furtherEncoder(call, client, target, wallMs, tools, position));
  const plain = sealed(call, client, makerAt(target), further);
  return writtenRelay(call, target, tools, plain, scanner, clientFrames(call, client), out, true);
}

/** An encoder for the stream that its client has. */
export function furtherEncoder(
  call: Call,
  client: Dialect,
  target: Target,
  wallMs: number,
  tools: ToolMemory | null,
  { deltas, marks }: Position,
): StreamEncoder {
  const [start] = deltas;
  // It is kept under the id that its client saw.
  if (call.kept !== null && start?.kind === 'start' && start.id !== '') call.kept.id = start.id;
  const context = { ...answerContext(call, target, wallMs, tools), marks };
  if (!call.translated) rememberRequest(call, client.chat, context);
  return client.chat.createEncoder(context);
}

/**
 * In its own dialect a request is not decoded; only an answer that is written anew asks what it said.
 *
 * @param again it is read from one of that dialect; false: nobody wrote it so before.
 */
export function rememberRequest(
  { body }: Call,
  codec: ChatCodec,
  context: AnswerContext,
  again = true,
): void {
  if (codec.remember !== undefined && body !== null)
    context.remembered = codec.remember(scanAnswer(body), again);
}

/** Of an answer that is read and written anew, by those who look at what it says. @param begun the client has events already. */
function writtenRelay(
  call: Call,
  target: Target,
  tools: ToolMemory | null,
  plain: StreamEncoder,
  scanner: EventScanner,
  frames: Frames,
  out: LateOut,
  begun: boolean,
): Relay {
  const source = turnOf(target.dialect, target.operation);
  const decoder = cutDecoder(source.createDecoder(choicesAsked(call, tools)), call, tools);
  const claim = (): void => out.claim?.();
  const filters = call.filters.map((create) => {
    const filter = create(call);
    return filter.alone === true ? filterAlone(filter, claim) : filter;
  });
  const aside = call.plugins?.deltas ?? null;
  const encoder = filters.length === 0 ? plain : filteringEncoder(plain, filters);
  if (aside !== null) {
    const before = (made: StreamEncoder): StreamEncoder => restored(tools, made);
    return new AsideRelay(scanner, decoder, encoder, frames, out, queueAlone(aside, claim), before, begun);
  }
  const filtering = restored(tools, encoder);
  // Where it begins a stream in the words of its upstream.
  const asItCame =
    !begun && !call.translated && frames === source.framing && wordsSuit(call, target.provider);
  const parts = asItCame ? partsOf(filters, decoder, plain, filtering) : null;
  return parts === null
    ? new TranslateRelay(scanner, decoder, filtering, frames, out, begun)
    : new FilteredRelay(scanner, parts, frames, out);
}

/** With the end that stop sequences give its answer which the target was not told. */
export function cutDecoder(decoder: StreamDecoder, call: Call, tools: ToolMemory | null): StreamDecoder {
  const stops = cutsOf(tools);
  return stops === null ? decoder : cuttingDecoder(decoder, stops, choicesAsked(call, tools));
}

/** Of a stream whose texts may go on in its upstream's bytes; null = this one's may not. */
function partsOf(
  filters: readonly DeltaFilter[],
  decoder: StreamDecoder,
  encoder: StreamEncoder,
  filtering: StreamEncoder,
): FilteredParts | null {
  const [filter, ...others] = filters;
  if (filter === undefined || others.length > 0) return null;
  if (!isLetting(filter) || !isRepeating(decoder) || !isPassing(encoder)) return null;
  return { filter, decoder, encoder, filtering };
}

/** Tools as the client knows them, said by `encoder`. */
function restored(tools: ToolMemory | null, encoder: StreamEncoder): StreamEncoder {
  return tools === null || !turnsBack(tools) ? encoder : restoringEncoder(encoder, tools);
}

/** How many answers one that is read for its meaning has; absent = one. In its own dialect its request was not. */
export function choicesAsked(
  { translated, body, facts }: Call,
  tools: ToolMemory | null,
): number | undefined {
  if (translated || body === null || facts === null) return tools?.choices;
  const { answers } = readSampling(body, facts);
  return answers > 1 ? answers : undefined;
}

/** Towards a client of another vendor proofs are wrapped. */
function sealed(call: Call, client: Dialect, maker: string, encoder: StreamEncoder): StreamEncoder {
  const { maker: home, joinsProofs: joins } = client.manner;
  if (!call.translated || maker === home) return encoder;
  return sealingEncoder(encoder, { maker, organization: organizationOf(call), joins });
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
  const habits = habitsAsked(call);
  return {
    requestId: call.id,
    model: target.model,
    now: Math.floor(wallMs / 1000),
    includeUsage: call.stream ? tellsUsageApart(call) : true,
    promptEstimate: estimateTokens(call.facts!.promptBytes),
    template: call.route.template,
    toolIds: tools?.ids ?? NO_IDS,
    ...(habits !== null && { habits }),
    ...(tools?.remembered && { remembered: tools.remembered }),
    ...(call.builtOn !== null && { builtOn: call.builtOn }),
    ...(call.kept !== null && { kept: call.kept }),
  };
}
