// `onDelta` of plugins that take their time: in a thread, or over the network. One question is under way at a time, and what is said
// meanwhile waits and becomes the next one, so that a stream costs as many round trips as fit into it and no more. Nobody waits for
// one of them longer than the plugin's `timeoutMs`, and its upstream is paused where too much waits (aside-relay.ts).
import type { Delta } from '../../contracts/chat.ts';
import type { DeltaOut, DeltaQueue } from '../../contracts/delta-filter.ts';
import type { GatewayError } from '../../contracts/errors.ts';
import type { DeltaEvent } from '../../contracts/plugin.ts';
import { deltaDecision } from '../../plugins/decision.ts';
import type { PluginHost } from '../../plugins/host.ts';
import { asGatewayError } from '../pipeline.ts';
import type { PluginsOfCall } from './plugins-of-call.ts';
import { read } from './read-decision.ts';

interface Block {
  kind: DeltaEvent['kind'];
  choice: number;
}

type Said = Extract<Delta, { kind: 'text' | 'arguments' }>;

export class PluginQueue implements DeltaQueue {
  heldChars = 0;
  readonly #hosts: readonly PluginHost[];
  readonly #plugins: PluginsOfCall;
  readonly #out: DeltaOut;
  readonly #news: (failure: GatewayError | null) => void;
  readonly #blocks = new Map<number, Block>();
  #waiting: Delta[] = [];
  #runs = false;
  /** What is under way. */
  #asked: Promise<void> | null = null;
  #closed = false;

  constructor(
    hosts: readonly PluginHost[],
    plugins: PluginsOfCall,
    out: DeltaOut,
    news: (failure: GatewayError | null) => void,
  ) {
    this.#hosts = hosts;
    this.#plugins = plugins;
    this.#out = out;
    this.#news = news;
  }

  push(deltas: readonly Delta[]): void {
    if (this.#closed) return;
    for (const delta of deltas) {
      this.#waiting.push(delta);
      if (isSaid(delta)) this.heldChars += delta.text.length;
    }
    if (this.#runs) return;
    this.#runs = true;
    this.#run().catch((cause: unknown) => {
      if (this.#closed) return;
      this.close();
      this.#news(asGatewayError(cause));
    });
  }

  close(): void {
    if (this.#closed) return;
    // Another answer may go on: plugins that hold back some of this one are to forget it.
    if (this.#blocks.size > 0) {
      const told = this.#breakOff();
      const { broken } = this.#plugins;
      // Of two answers that were under way at once both may break before a third begins.
      this.#plugins.broken = broken === null ? told : broken.then(() => told);
    }
    this.#closed = true;
    this.#waiting = [];
    this.heldChars = 0;
  }

  async #run(): Promise<void> {
    const { broken } = this.#plugins;
    let waited = broken !== null;
    if (broken !== null) {
      await broken;
      if (this.#closed) return;
    }
    while (this.#waiting.length > 0) {
      const asked = this.#next();
      if (asked !== null) {
        // What stands before it is not held up by it.
        if (waited) this.#news(null);
        this.#asked = asked;
        await asked;
        if (this.#closed) return;
        waited = true;
      }
    }
    this.#runs = false;
    if (waited) this.#news(null);
  }

  /** Tells each block's end where nobody hears what is said to it. Never rejects. */
  async #breakOff(): Promise<void> {
    const blocks = [...this.#blocks];
    await this.#asked?.catch(() => undefined);
    for (const [index, { kind, choice }] of blocks) {
      for (const host of this.#hosts) {
        const call = this.#plugins.info();
        const event: DeltaEvent = { call, kind, block: index, choice, text: '', last: true };
        try {
          if (host.config.mode === 'process') host.delta(event);
          else await host.ask('onDelta', () => event);
        } catch {
          // It is counted; the answer is over in any case.
        }
      }
    }
  }

  /** Takes what is next. @returns a promise where somebody is asked about it. */
  #next(): Promise<void> | null {
    const [delta] = this.#waiting;
    if (delta === undefined) return null;
    if (isSaid(delta) && this.#blocks.has(delta.index)) return this.#said(this.#takeSaid(delta));
    this.#waiting.shift();
    if (isSaid(delta)) this.heldChars -= delta.text.length;
    switch (delta.kind) {
      case 'open':
        if (delta.block !== 'redacted')
          this.#blocks.set(delta.index, {
            kind: delta.block === 'tool_call' ? 'arguments' : delta.block,
            choice: delta.choice ?? 0,
          });
        break;
      case 'close':
        if (this.#blocks.has(delta.index)) return this.#ended([delta.index], delta);
        break;
      case 'end':
        if (this.#blocks.size > 0) return this.#ended([...this.#blocks.keys()], delta);
        break;
      default:
    }
    this.#out(delta);
    return null;
  }

  /** All that waits of one block, up to what is something else. */
  #takeSaid({ kind, index }: Said): Said[] {
    let count = 0;
    const said: Said[] = [];
    for (const next of this.#waiting) {
      if (!isSaid(next) || next.kind !== kind || next.index !== index) break;
      said.push(next);
      count++;
    }
    this.#waiting.splice(0, count);
    return said;
  }

  async #said(pieces: readonly Said[]): Promise<void> {
    const { kind, index } = pieces[0]!; // one at least: who calls has looked
    const text = pieces.map((piece) => piece.text).join('');
    const now = await this.#through(index, text, false);
    if (this.#closed) return;
    this.heldChars -= text.length;
    // As they came, with whatever they tell beside their text.
    if (now === text) for (const piece of pieces) this.#out(piece);
    else if (now !== '') this.#out({ kind, index, text: now });
  }

  /** Blocks are complete: what plugins held back of them goes before what says so. */
  async #ended(blocks: readonly number[], behind: Delta): Promise<void> {
    for (const index of blocks) {
      const { kind } = this.#blocks.get(index)!;
      const text = await this.#through(index, '', true);
      if (this.#closed) return;
      this.#blocks.delete(index);
      if (text !== '') this.#out({ kind: kind === 'arguments' ? 'arguments' : 'text', index, text });
    }
    this.#out(behind);
  }

  /** What one lets go on is what the next one sees. */
  async #through(index: number, said: string, last: boolean): Promise<string> {
    const { kind, choice } = this.#blocks.get(index)!;
    let text = said;
    for (const host of this.#hosts) {
      if ((text === '' && !last) || this.#closed) return text;
      const event: DeltaEvent = { call: this.#plugins.info(), kind, block: index, choice, text, last };
      const given =
        host.config.mode === 'process'
          ? host.delta(event)
          : read(host, 'onDelta', await host.ask('onDelta', () => event), deltaDecision);
      text = given ?? text;
    }
    return text;
  }
}

function isSaid(delta: Delta): delta is Said {
  return delta.kind === 'text' || delta.kind === 'arguments';
}
