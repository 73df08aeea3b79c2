// Reads one streamed answer off a socket: HTTP head, chunked framing, SSE frames, in any split.

/** As bench/mock.ts sends them. */
export const DELTAS_PER_STREAM = 64;

type Phase = 'head' | 'size' | 'data' | 'data-end' | 'trailer' | 'ended';

export class FrameReader {
  /** Content deltas seen, in order. */
  deltas = 0;
  /** `[DONE]` was seen. */
  done = false;
  #phase: Phase = 'head';
  #line = '';
  #left = 0;
  #text = '';

  /** The answer is over. */
  get ended(): boolean {
    return this.#phase === 'ended';
  }

  /** @throws when the answer is not what the mock sent. */
  push(bytes: Buffer): void {
    let at = 0;
    while (at < bytes.length) {
      if (this.#phase === 'ended') throw new Error('bytes after the end of the answer');
      if (this.#phase === 'data') {
        const end = Math.min(bytes.length, at + this.#left);
        this.#sse(bytes.toString('latin1', at, end));
        this.#left -= end - at;
        at = end;
        if (this.#left === 0) this.#phase = 'data-end';
        continue;
      }
      const newline = bytes.indexOf(10, at);
      const end = newline === -1 ? bytes.length : newline + 1;
      this.#line += bytes.toString('latin1', at, end);
      at = end;
      if (newline !== -1) {
        const line = this.#line;
        this.#line = '';
        this.#readLine(line.slice(0, -2));
      }
    }
  }

  /** A line of head or framing, without CRLF. */
  #readLine(line: string): void {
    switch (this.#phase) {
      case 'head':
        if (line.startsWith('HTTP/') && !line.startsWith('HTTP/1.1 200')) throw new Error(line);
        if (/^content-length:/i.test(line)) throw new Error('the answer is not a stream');
        if (line === '') this.#phase = 'size';
        return;
      case 'size':
        this.#left = Number.parseInt(line, 16);
        if (!(this.#left >= 0)) throw new Error(`not a chunk size: ${line}`);
        this.#phase = this.#left === 0 ? 'trailer' : 'data';
        return;
      case 'data-end':
        if (line !== '') throw new Error('a chunk is longer than it said');
        this.#phase = 'size';
        return;
      default:
        if (line === '') this.#phase = 'ended';
    }
  }

  #sse(text: string): void {
    const frames = (this.#text + text).split('\n\n');
    this.#text = frames.pop()!;
    for (const frame of frames) this.#frame(frame);
  }

  #frame(frame: string): void {
    if (this.done) throw new Error('a frame after [DONE]');
    if (frame === 'data: [DONE]') {
      this.done = true;
      return;
    }
    const token = /"content":"t(\d+) "/.exec(frame);
    if (token === null) return;
    if (Number(token[1]) !== this.deltas) throw new Error(`delta ${token[1]} where ${this.deltas} was due`);
    this.deltas++;
  }
}
