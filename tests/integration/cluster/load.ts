// Steady load on a gateway for tests of what an operation costs its callers: some clients, each with one request after
// the other, either on connections of their own that are kept, or on a new one each time.
import { Agent, request as httpRequest } from 'node:http';
import { chatBody, chatPath } from '../../kit/client.ts';
import { gateKey } from '../../kit/gateway.ts';
import { waitUntil } from '../../kit/wait.ts';

export interface LoadOptions {
  clients?: number;
  /** A connection for every request. */
  fresh?: boolean;
  model?: string;
  stream?: boolean;
  /** Between an answer and the next request of the same client. */
  pauseMs?: number;
}

export interface Tally {
  ok: number;
  /** What went wrong, one line each. */
  failures: string[];
}

export class Load {
  readonly tally: Tally = { ok: 0, failures: [] };
  readonly #url: string;
  readonly #options: LoadOptions;
  readonly #agent: Agent | false;
  readonly #body: string;
  #running = true;
  readonly #clients: Promise<void>[];

  constructor(gateway: { url: string }, options: LoadOptions = {}) {
    this.#url = gateway.url + chatPath;
    this.#options = options;
    this.#agent = options.fresh === true ? false : new Agent({ keepAlive: true });
    this.#body = JSON.stringify(chatBody(options.model ?? 'oa/ok', { stream: options.stream ?? false }));
    this.#clients = Array.from({ length: options.clients ?? 8 }, () => this.#client());
  }

  /** Waits for `count` more good answers. */
  async more(count: number, timeoutMs = 20_000): Promise<void> {
    const goal = this.tally.ok + count;
    await waitUntil(() => this.tally.ok >= goal, `${count} more answers`, timeoutMs);
  }

  /** Lets every client finish what it is at. */
  async stop(): Promise<Tally> {
    this.#running = false;
    await Promise.all(this.#clients);
    if (this.#agent !== false) this.#agent.destroy();
    return this.tally;
  }

  async #client(): Promise<void> {
    while (this.#running) {
      const failure = await this.#once();
      if (failure === null) this.tally.ok += 1;
      else this.tally.failures.push(failure);
      const { pauseMs = 0 } = this.#options;
      if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }

  #once(): Promise<string | null> {
    return new Promise((resolve) => {
      const request = httpRequest(
        this.#url,
        {
          method: 'POST',
          agent: this.#agent,
          headers: {
            authorization: `Bearer ${gateKey}`,
            'content-type': 'application/json',
            'content-length': Buffer.byteLength(this.#body),
          },
        },
        (response) => {
          const pieces: Buffer[] = [];
          response.on('data', (piece: Buffer) => pieces.push(piece));
          response.on('error', (error) => resolve(`answer broke: ${error.message}`));
          response.on('end', () => {
            const text = Buffer.concat(pieces).toString();
            const whole =
              this.#options.stream === true ? text.includes('[DONE]') : text.includes('"finish_reason"');
            resolve(
              response.statusCode === 200 && whole
                ? null
                : `status ${response.statusCode}: ${text.slice(-200)}`,
            );
          });
        },
      );
      request.on('error', (error) => {
        resolve(`no answer${request.reusedSocket ? ' on a kept connection' : ''}: ${error.message}`);
      });
      request.end(this.#body);
    });
  }
}
