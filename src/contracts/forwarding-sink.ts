// A sink that hands everything to another one: what stands between an answer and its client says only what it does otherwise.
import type { HeaderList, Sink } from './sink.ts';

export abstract class ForwardingSink implements Sink {
  protected readonly sink: Sink;

  constructor(sink: Sink) {
    this.sink = sink;
  }

  get committed(): boolean {
    return this.sink.committed;
  }

  get closed(): boolean {
    return this.sink.closed;
  }

  get ending(): boolean {
    return this.sink.ending;
  }

  get bytesOut(): number {
    return this.sink.bytesOut;
  }

  get onDrain(): (() => void) | null {
    return this.sink.onDrain;
  }

  set onDrain(wake: (() => void) | null) {
    this.sink.onDrain = wake;
  }

  get onTaken(): (() => void) | null {
    return this.sink.onTaken;
  }

  set onTaken(taken: (() => void) | null) {
    this.sink.onTaken = taken;
  }

  reply(status: number, headers: HeaderList, body: Buffer | string): void {
    this.sink.reply(status, headers, body);
  }

  start(status: number, headers: HeaderList): void {
    this.sink.start(status, headers);
  }

  chunk(bytes: Buffer | string): boolean {
    return this.sink.chunk(bytes);
  }

  end(): void {
    this.sink.end();
  }

  cut(): void {
    this.sink.cut();
  }
}
