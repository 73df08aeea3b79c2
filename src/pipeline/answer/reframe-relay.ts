// Same dialect on both sides, put together in another way: each event's data goes on as it came, in the client's frames.
import type { StreamWatcher } from '../../contracts/dialect.ts';
import type { EventBatch, EventScanner, Frames } from '../../contracts/framing.ts';
import { FrameWriter } from '../../wire/frame-writer.ts';
import { Relay, type StreamOut } from './stream-relay.ts';

export class ReframeRelay extends Relay {
  readonly #watcher: StreamWatcher;
  readonly #frames: FrameWriter;

  /** @param frames the client's. */
  constructor(scanner: EventScanner, watcher: StreamWatcher, frames: Frames, out: StreamOut) {
    super(scanner, watcher, out);
    this.#watcher = watcher;
    this.#frames = new FrameWriter(frames);
  }

  protected take(batch: EventBatch): void {
    try {
      for (let i = 0; i < batch.count && !this.finished && !this.cut; i++) {
        const data = this.dataOf(batch, i);
        if (data !== null) this.#watch(batch.event[i]!, data);
      }
    } catch (cause) {
      // Without content before it the call may still go elsewhere: nothing more is told then.
      if (this.tokens > 0) this.#pass();
      throw cause;
    }
    this.#pass();
  }

  protected finish(): void {
    this.#frames.close();
    this.#pass();
  }

  #watch(event: string, data: string): void {
    const { verdict, content } = this.#watcher.watch(event, data);
    if (content) this.tokens++;
    if (verdict === 'hide') return;
    this.#frames.emitLines(event, data);
    if (verdict !== 'end') return;
    this.finished = true;
    this.#frames.close();
  }

  #pass(): void {
    const bytes = this.#frames.take();
    if (bytes.length > 0) this.pass(bytes);
  }
}
