// Guardrails on a request: stands behind all that decides what is asked, and before anything is counted or sent. What is found is
// refused, or replaced in the bytes that go on; what the answer has to go through is left on the call.
import { isUtf8 } from 'node:buffer';
import { applyEdits } from '../../body/splice.ts';
import type { BodyFacts } from '../../contracts/body.ts';
import type { Call, Stage, StageResult } from '../../contracts/call.ts';
import { GatewayError } from '../../contracts/errors.ts';
import type { GuardFinds, GuardLook } from '../../contracts/guard-look.ts';
import type { Offload } from '../../contracts/ports.ts';
import type { Sink } from '../../contracts/sink.ts';
import { isTunnel } from '../../contracts/tunnel.ts';
import { type Media, mediaOf, NO_MEDIA } from '../../guardrails/body-media.ts';
import { type BodyText, bodyTexts, editsOf, holdsTokens, jsonTexts } from '../../guardrails/body-spots.ts';
import { type Guard, isReader } from '../../guardrails/guard.ts';
import type { GuardSet, GuardTable } from '../../guardrails/guard-table.ts';
import { Placeholders } from '../../guardrails/placeholders.ts';
import { requestedSchema } from '../../guardrails/request-schema.ts';
import { checkPlaces, checkWhole, judgedWhole, looksAt } from '../../guardrails/request-texts.ts';
import { GuardRun } from '../../guardrails/run.ts';
import { replaceBody } from '../replace-body.ts';
import { readUpload, WholeSource } from '../whole-upload.ts';
import { AnswerGuard } from './answer-guard.ts';
import type { MonitorDeps } from './answer-monitor.ts';
import { type Asking, askRemote, type RemoteChecks } from './remote-asks.ts';
import { bidiWords } from './session/bidi-words.ts';
import { openaiWords } from './session/openai-words.ts';
import { WatchedSession } from './session/session-guard.ts';

/** Guardrails under one configuration. */
export interface Guards {
  readonly table: GuardTable;
  readonly checks: RemoteChecks;
}

export interface CheckRequestDeps {
  guards(call: Call): Guards | null;
  inspect(body: Buffer): BodyFacts;
  random(): number;
  /** Looks at large bodies; null = they are looked at here. */
  offload: Pick<Offload, 'guard'> | null;
  clocks: MonitorDeps['clocks'];
  asked: Asking['asked'];
  failed: Asking['failed'];
  /** Stands around the sink of a call that has guardrails. */
  around(sink: Sink, call: Call): Sink;
}

/** Of a request's words as much is shown to who judges its answer. */
const PROMPT_CHARS = 16_384;

export function createCheckRequest(deps: CheckRequestDeps): Stage {
  return (call) => {
    const guards = deps.guards(call);
    if (guards === null) return 'continue';
    const set = guards.table.of(call.principal!, call);
    if (set === null) return 'continue';
    return new Check(deps, guards, set, call).begin();
  };
}

/** Of the guardrails that look at a call: what one of them was not chosen to look at is kept for nobody whom it would. */
function printOf({ guards, print }: GuardSet, chosen: readonly Guard[]): string {
  if (chosen.length === guards.length) return print;
  return `${print} of ${chosen.map(({ config: { name } }) => name).join(' ')}`;
}

class Check {
  readonly #deps: CheckRequestDeps;
  readonly #guards: Guards;
  readonly #set: GuardSet;
  readonly #call: Call;
  readonly #run: GuardRun;
  readonly #answer: AnswerGuard;
  readonly #readers: readonly Guard[];
  /** Made where somebody is asked: it costs more than all else here. */
  #abort: AbortController | null = null;
  #texts: BodyText[] = [];
  #media: Media = NO_MEDIA;

  constructor(deps: CheckRequestDeps, guards: Guards, set: GuardSet, call: Call) {
    this.#deps = deps;
    this.#guards = guards;
    this.#set = set;
    this.#call = call;
    const chosen = set.sampled
      ? set.guards.filter(({ config }) => config.sample >= 1 || deps.random() < config.sample)
      : set.guards;
    const owner = call.customer === null ? '' : `\0${call.customer}`;
    const run = new GuardRun({
      guards: chosen,
      placeholders: new Placeholders(guards.table.secret, `${call.principal!.id}${owner}`),
      schema: null,
    });
    this.#run = run;
    this.#answer = new AnswerGuard(
      printOf(set, chosen),
      run,
      {
        ask: async (guard, texts, images) => {
          const heard = await askRemote(guard, texts, this.#asking('answer'), images);
          run.retry ??= heard.retry;
          return heard;
        },
        clocks: deps.clocks,
        over: () => call.settled,
      },
      (sink) => deps.around(sink, call),
    );
    this.#readers = chosen === set.guards ? set.readers : chosen.filter(isReader);
    call.guardrails = run.outcomes;
    call.guard = this.#answer;
    // Outermost: whoever else gets the answer gets what goes on of it. A tunnel is no answer.
    if (!isTunnel(call.sink)) call.sink = this.#answer.around(call.sink);
  }

  begin(): StageResult | Promise<StageResult> {
    const call = this.#call;
    if (isTunnel(call.sink)) return this.#watch();
    // What goes past the gateway nobody looks at.
    if (call.operation!.unread === true && this.#run.guards.length > 0)
      return this.#unreadable(this.#run.guards) ?? this.#leave();
    if (this.#readers.length === 0) return this.#leave();
    for (const guard of this.#readers) this.#run.note(guard, 'request', 'pass');
    if (call.upload !== null) return this.#readUpload();
    if (call.body === null) return this.#leave();
    return this.#skim(call.body) ?? this.#check(this.#readBody(call.body));
  }

  /** Where the bytes tell that there is nothing to find no text is read. @returns null = they do not. */
  #skim(body: Buffer): StageResult | null {
    const { skim } = this.#set;
    if (skim === null || !this.#isJson) return null;
    const { texts, media, tokens } = skim(body);
    if (texts || (tokens && holdsTokens(body))) return null;
    return (media ? this.#look(body) : null) ?? this.#leave();
  }

  get #isJson(): boolean {
    return this.#call.facts !== null && this.#call.operation!.intake === 'json';
  }

  /** Messages both ways: each is looked at as it comes. */
  #watch(): StageResult {
    const { placeholders } = this.#run;
    const guards = this.#run.guards;
    if (guards.length === 0) return 'continue';
    const newRun = (): GuardRun => new GuardRun({ guards, placeholders, schema: null });
    this.#answer.session = new WatchedSession({
      words: this.#call.route.template.startsWith('/ws/') ? bidiWords() : openaiWords(),
      newRun,
      ask: (at, run) => (guard, texts) => askRemote(guard, texts, { ...this.#asking(at), run: run() }),
    });
    return 'continue';
  }

  #readBody(body: Buffer): BodyText[] | null {
    if (this.#isJson) return jsonTexts(body);
    return bodyTexts(body, this.#call.head.headers.get('content-type') ?? '');
  }

  /** What was to be handed on while it comes waits until it was looked at. */
  async #readUpload(): Promise<StageResult> {
    const call = this.#call;
    const source = call.upload!;
    const body = await readUpload(call, source);
    if (call.settled) return 'continue';
    const type = call.head.headers.get('content-type') ?? '';
    const texts = bodyTexts(body, type);
    const go = (changed: Buffer): void => {
      call.upload = new WholeSource(changed, type, source.received, source.decoded === true);
    };
    go(body);
    return this.#check(texts, body, go);
  }

  #check(
    texts: BodyText[] | null,
    body: Buffer = this.#call.body!,
    replace = (changed: Buffer): void => replaceBody(this.#call, changed, this.#deps.inspect),
  ): StageResult | Promise<StageResult> {
    if (texts === null) {
      const refusal = this.#unreadable(this.#readers);
      return refusal ?? this.#leave();
    }
    this.#texts = texts;
    const unseen = this.#look(body);
    if (unseen !== null) return unseen;
    for (const guard of this.#readers) {
      // Where a check asks others it comes in its turn: behind those before it, with what they made of the texts.
      const asks = guard.remote.length > 0 && guard.config.mode === 'before';
      if (asks || this.#isLarge(body)) return this.#slowly(body, replace);
      const refusal = this.#local(guard);
      if (refusal !== null) return refusal;
    }
    return this.#done(body, replace);
  }

  /** Pictures and sound are looked at by those who can; of the others it is said. @returns the refusal, or null. */
  #look(body: Buffer): GatewayError | null {
    // A file of a form that is no text.
    this.#media = this.#isJson ? mediaOf(body) : isUtf8(body) ? NO_MEDIA : { images: [], others: 1 };
    const { images, others } = this.#media;
    if (images.length === 0 && others === 0) return null;
    for (const guard of this.#readers) {
      if (others === 0 && guard.seesImages) continue;
      this.#run.unchecked(guard, 'request');
      const { name, media } = guard.config;
      if (media === 'refuse')
        return new GatewayError('GW_GUARDRAIL_UNREADABLE', {
          message: `The guardrail \`${name}\` of this call cannot look at pictures, sound or files: say it as text.`,
        });
    }
    return null;
  }

  #local(guard: Guard): GatewayError | null {
    return checkPlaces(guard, this.#texts, this.#run) ?? checkWhole(guard, this.#texts, this.#run);
  }

  #isLarge(body: Buffer): boolean {
    return this.#deps.offload !== null && body.length >= this.#call.snapshot.config.server.offloadBytes;
  }

  /** As `#local`, looked for in a thread. */
  async #aside(guard: Guard): Promise<GatewayError | null> {
    const { config, finder, whole } = guard;
    const look = async (what: GuardLook['what'], texts: readonly BodyText[]): Promise<GuardFinds> =>
      this.#deps.offload!.guard({ what, config, texts: texts.map(({ now }) => now) }, this.#aborting.signal);
    if (finder !== null) {
      const finds = await look(
        'places',
        this.#texts.filter((text) => looksAt(guard, text)),
      );
      const refusal =
        finds.what === 'places' ? checkPlaces(guard, this.#texts, this.#run, finds.places) : null;
      if (refusal !== null) return refusal;
    }
    if (whole.length === 0) return null;
    const finds = await look('whole', judgedWhole(guard, this.#texts));
    return finds.what === 'whole' ? checkWhole(guard, this.#texts, this.#run, finds.faults) : null;
  }

  async #slowly(body: Buffer, replace: (changed: Buffer) => void): Promise<StageResult> {
    const call = this.#call;
    const work = { cancel: () => this.#aborting.abort() };
    call.begin(work);
    const from = this.#deps.clocks.now();
    try {
      for (const guard of this.#readers) {
        const refusal = this.#isLarge(body) ? await this.#aside(guard) : this.#local(guard);
        if (call.settled) return 'continue';
        if (refusal !== null) return refusal;
        if (guard.remote.length === 0 || guard.config.mode !== 'before') continue;
        const shown = this.#shown(guard);
        const heard = await askRemote(
          guard,
          shown.map(({ now }) => now),
          this.#asking('request'),
          this.#media.images,
        );
        if (call.settled) return 'continue';
        if (heard.refusal !== null) return heard.refusal;
        for (const [index, text] of shown.entries()) text.now = heard.texts[index] ?? text.now;
      }
    } finally {
      call.finish(work);
      call.waitedMs += this.#deps.clocks.now() - from;
    }
    return this.#done(body, replace);
  }

  #done(body: Buffer, replace: (changed: Buffer) => void): StageResult {
    const edits = editsOf(this.#texts);
    if (edits.length > 0) replace(applyEdits(body, edits));
    const waiting = this.#readers.filter(
      ({ remote, config }) => remote.length > 0 && config.mode !== 'before',
    );
    const asked = waiting.map(async (guard) => {
      const shown = this.#shown(guard).map(({ now }) => now);
      const { refusal } = await askRemote(guard, shown, this.#asking('request'), this.#media.images);
      return guard.config.mode === 'after' ? null : refusal;
    });
    if (waiting.some(({ config }) => config.mode === 'beside'))
      this.#answer.beside = Promise.all(asked).then((all) => all.find((one) => one !== null) ?? null);
    return this.#leave();
  }

  /** What callers and tools said: the rest is the application's own, or the model's. */
  #shown(guard: Guard): BodyText[] {
    return this.#texts.filter(
      (text) => looksAt(guard, text) && (text.speaker === 'user' || text.speaker === 'tool_result'),
    );
  }

  /** Nobody could look: whoever insists refuses. */
  #unreadable(guards: readonly Guard[]): GatewayError | null {
    for (const guard of guards) {
      this.#run.note(guard, 'request', 'error');
      const { name, onError, action } = guard.config;
      if (onError === 'open' || action === 'flag') continue;
      return new GatewayError('GW_GUARDRAIL_UNREADABLE', {
        message: `The guardrail \`${name}\` of this call cannot read what it sends: say it as text.`,
      });
    }
    return null;
  }

  #leave(): StageResult {
    const call = this.#call;
    const answer = this.#answer;
    const asksSchema = this.#run.guards.some(({ config }) =>
      config.checks.some(({ type, schema }) => type === 'schema' && schema === undefined),
    );
    if (asksSchema && call.body !== null) this.#run.schema = requestedSchema(call.body);
    if (answer.filter !== null && call.operation!.answer === 'deltas')
      call.filters = [...call.filters, answer.filter];
    return 'continue';
  }

  #asking(at: Asking['at']): Asking {
    const { clocks, asked, failed } = this.#deps;
    return {
      call: this.#call,
      run: this.#run,
      checks: this.#guards.checks,
      at,
      prompt: at === 'answer' ? this.#prompt() : '',
      signal: this.#aborting.signal,
      asked: (type, outcome, ms) => asked(type, outcome, ms),
      failed: (guardrail, type, cause) => failed(guardrail, type, cause),
      now: () => clocks.now(),
    };
  }

  get #aborting(): AbortController {
    return (this.#abort ??= new AbortController());
  }

  #prompt(): string {
    const said = this.#texts.filter(({ speaker }) => speaker === 'user').map(({ now }) => now);
    return said.join('\n').slice(-PROMPT_CHARS);
  }
}
