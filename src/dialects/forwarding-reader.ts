// Reads a stream by another reader, and says only what it does otherwise: how far the stream has come is the other's to know.
import type { AnswerFacts } from '../contracts/chat.ts';
import type { StreamReader } from '../contracts/dialect.ts';

export abstract class ForwardingReader<Reader extends StreamReader> implements StreamReader {
  protected inner: Reader;

  constructor(inner: Reader) {
    this.inner = inner;
  }

  get complete(): boolean {
    return this.inner.complete;
  }

  get settled(): boolean {
    return this.inner.settled;
  }

  get ended(): boolean {
    return this.inner.ended;
  }

  get facts(): AnswerFacts {
    return this.inner.facts;
  }
}
