// One cell of the matrix: a client, an upstream, and what a scenario needs of both.
import type { MockRequest } from '../../kit/mock-exchange.ts';
import type { MockUpstream } from '../../kit/mock-upstream.ts';
import type { Answer, Ask, Failure, MatrixClient, StreamOptions } from './client.ts';
import type { Seen, Upstream } from './upstreams.ts';

export class Cell {
  readonly client: MatrixClient;
  readonly upstream: Upstream;
  readonly mock: MockUpstream;
  readonly #tag: string;

  /** @param tag Tells the requests of one test from those that run beside it. */
  constructor(client: MatrixClient, upstream: Upstream, mock: MockUpstream, tag: string) {
    this.client = client;
    this.upstream = upstream;
    this.mock = mock;
    this.#tag = tag;
  }

  /** Both sides speak one dialect: bytes pass through. */
  get same(): boolean {
    return this.client.dialect === this.upstream.dialect;
  }

  /** The model that does what `script` says (tests/kit/mock-upstream.ts), as a client names it. */
  model(script: string, upstream = this.upstream): string {
    return `${upstream.provider}/${this.#tag}+${script}`;
  }

  ask(script: string, more: Partial<Ask> = {}): Ask {
    return { model: this.model(script), turns: [{ role: 'user', text: 'hello' }], ...more };
  }

  /** The answer both ways, which have to be the same. */
  both(ask: Ask): Promise<[whole: Answer, streamed: Answer]> {
    return Promise.all([this.client.whole(ask), this.client.streamed(ask)]);
  }

  request(script: string): MockRequest {
    const request = this.mock.requestsFor(`${this.#tag}+${script}`).at(-1);
    if (request === undefined) throw new Error(`nothing came to the upstream for ${script}`);
    return request;
  }

  /** What the upstream was asked last, for the model of this script. */
  seen(script: string, upstream = this.upstream): Seen {
    return upstream.read(this.request(script).json);
  }

  /** The error a request ends in, as the SDK shows it. @throws when it succeeds */
  async refusal(
    ask: Ask,
    how: 'whole' | 'streamed',
    options?: StreamOptions,
  ): Promise<Failure & { error: Error }> {
    const run = how === 'whole' ? this.client.whole(ask) : this.client.streamed(ask, options);
    const outcome = await run.then(
      (answer) => ({ answer }),
      (error: unknown) => ({ error }),
    );
    if (!('error' in outcome))
      throw new Error(`an answer instead of an error: ${JSON.stringify(outcome.answer).slice(0, 300)}`);
    return { error: outcome.error as Error, ...this.client.failure(outcome.error) };
  }
}
