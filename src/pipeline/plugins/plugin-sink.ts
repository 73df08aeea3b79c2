// `onAnswer` next to the client: a whole answer waits until each plugin saw it; of a stream they hear when it has ended.
import type { Call } from '../../contracts/call.ts';
import type { GatewayError } from '../../contracts/errors.ts';
import { ForwardingSink } from '../../contracts/forwarding-sink.ts';
import type { AnswerEvent } from '../../contracts/plugin.ts';
import type { HeaderList, Sink } from '../../contracts/sink.ts';
import { parseObject } from '../../dialects/lenient.ts';
import { answerDecision } from '../../plugins/decision.ts';
import { asGatewayError } from '../pipeline.ts';
import { dialectByName } from '../../registry/dialects.ts';
import { renderError } from '../refuse.ts';
import { type PluginsOfCall, pluginsOf } from './plugins-of-call.ts';
import { read, refusalOf } from './read-decision.ts';

export class PluginSink extends ForwardingSink {
  readonly #call: Call;
  /** The answer is complete, and waits for a plugin. */
  #waits = false;
  #begun = false;
  #onTaken: (() => void) | null = null;

  constructor(sink: Sink, call: Call) {
    super(sink);
    this.#call = call;
  }

  override get committed(): boolean {
    return this.#begun || this.sink.committed;
  }

  override get ending(): boolean {
    return this.#waits || this.sink.ending;
  }

  override get onTaken(): (() => void) | null {
    return this.#waits ? this.#onTaken : this.sink.onTaken;
  }

  override set onTaken(taken: (() => void) | null) {
    if (this.#waits) this.#onTaken = taken;
    else this.sink.onTaken = taken;
  }

  override reply(status: number, headers: HeaderList, body: Buffer | string): void {
    const plugins = pluginsOf(this.#call);
    if (plugins === null || status >= 400 || this.#call.error !== null) {
      this.sink.reply(status, headers, body);
      return;
    }
    this.#begun = true;
    this.#waits = true;
    void this.#asked(plugins, status, headers, body).then(
      (given) => this.#give(status, headers, given),
      (cause: unknown) => this.#refuse(asGatewayError(cause)),
    );
  }

  override start(status: number, headers: HeaderList): void {
    this.#begun = true;
    super.start(status, headers);
  }

  override end(): void {
    super.end();
    const plugins = pluginsOf(this.#call);
    if (plugins === null) return;
    for (const host of plugins.with('onAnswer'))
      host.tell('onAnswer', () => this.#event(plugins, 200, null, true));
  }

  async #asked(
    plugins: PluginsOfCall,
    status: number,
    headers: HeaderList,
    body: Buffer | string,
  ): Promise<Buffer | string> {
    const type = headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? '';
    let now = body;
    for (const host of plugins.with('onAnswer')) {
      const seen = /\bjson\b/i.test(type) ? now : null;
      const given = await host.ask('onAnswer', () => this.#event(plugins, status, seen, false));
      const decision = read(host, 'onAnswer', given, answerDecision);
      if (decision?.refuse !== undefined) throw refusalOf(decision.refuse);
      if (decision?.body !== undefined && seen !== null) now = JSON.stringify(decision.body);
    }
    return now;
  }

  #event(
    plugins: PluginsOfCall,
    status: number,
    body: Buffer | string | null,
    streamed: boolean,
  ): AnswerEvent {
    const { provider, upstreamModel } = this.#call;
    return {
      call: plugins.info(),
      status,
      streamed,
      provider,
      model: upstreamModel,
      body: body === null ? null : parseObject(body.toString()),
    };
  }

  #give(status: number, headers: HeaderList, body: Buffer | string): void {
    this.#waits = false;
    if (this.sink.closed) return;
    this.sink.reply(status, headers, body);
    this.#taken();
  }

  #refuse(refusal: GatewayError): void {
    this.#waits = false;
    if (this.sink.closed) return;
    const { route, id } = this.#call;
    const { status, headers, body } = renderError(dialectByName(route.dialect), refusal, id);
    this.#call.unfit = refusal;
    this.sink.reply(status, headers, body);
    this.#taken();
  }

  #taken(): void {
    const taken = this.#onTaken;
    this.#onTaken = null;
    if (taken === null) return;
    if (this.sink.ending) this.sink.onTaken = taken;
    else taken();
  }
}
