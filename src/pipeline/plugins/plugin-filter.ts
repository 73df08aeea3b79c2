// `onDelta` between decoder and encoder: what an answer says, block by block, through each plugin in turn.
import type { Delta } from '../../contracts/chat.ts';
import type { DeltaFilter, DeltaOut } from '../../contracts/delta-filter.ts';
import type { DeltaEvent } from '../../contracts/plugin.ts';
import type { PluginHost } from '../../plugins/host.ts';
import type { PluginsOfCall } from './plugins-of-call.ts';

interface Block {
  kind: DeltaEvent['kind'];
  choice: number;
}

export class PluginFilter implements DeltaFilter {
  readonly alone = true;
  readonly #hosts: readonly PluginHost[];
  readonly #plugins: PluginsOfCall;
  readonly #blocks = new Map<number, Block>();

  constructor(hosts: readonly PluginHost[], plugins: PluginsOfCall) {
    this.#hosts = hosts;
    this.#plugins = plugins;
  }

  take(delta: Delta, out: DeltaOut): void {
    switch (delta.kind) {
      case 'open':
        if (delta.block !== 'redacted')
          this.#blocks.set(delta.index, {
            kind: delta.block === 'tool_call' ? 'arguments' : delta.block,
            choice: delta.choice ?? 0,
          });
        out(delta);
        return;
      case 'text':
      case 'arguments': {
        const text = this.#through(delta.index, delta.text, false);
        if (text === delta.text) out(delta);
        // Probabilities tell tokens that were not said so.
        else if (text !== '') out({ kind: delta.kind, index: delta.index, text });
        return;
      }
      case 'close':
        this.#close(delta.index, out);
        out(delta);
        return;
      default:
        out(delta);
    }
  }

  end(out: DeltaOut): void {
    for (const index of [...this.#blocks.keys()]) this.#close(index, out);
  }

  #close(index: number, out: DeltaOut): void {
    const block = this.#blocks.get(index);
    if (block === undefined) return;
    const text = this.#through(index, '', true);
    this.#blocks.delete(index);
    if (text !== '') out({ kind: block.kind === 'arguments' ? 'arguments' : 'text', index, text });
  }

  /** What one lets go on is what the next one sees. */
  #through(index: number, said: string, last: boolean): string {
    const block = this.#blocks.get(index);
    if (block === undefined) return said;
    let text = said;
    for (const host of this.#hosts) {
      if (text === '' && !last) return text;
      const call = this.#plugins.info();
      text = host.delta({ call, kind: block.kind, block: index, choice: block.choice, text, last }) ?? text;
    }
    return text;
  }
}
