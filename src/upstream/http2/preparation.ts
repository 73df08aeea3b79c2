// What a model server has to give once before it can be asked: the first call gets it for all, and who comes meanwhile waits with it.
// What fails is tried again by the next call.
import {
  GRPC_CODES,
  type GrpcChannel,
  type GrpcEnd,
  GrpcFault,
  type GrpcMetadata,
} from '../../contracts/grpc.ts';
import type { GrpcPreparation } from '../../contracts/grpc-provider.ts';

const DEADLINE_MS = 60_000;

export class Preparation {
  readonly #what: GrpcPreparation;
  #under: Promise<void> | null = null;
  done = false;

  constructor(what: GrpcPreparation) {
    this.#what = what;
  }

  /** @throws GrpcFault, or what its reader has against it. */
  get(channel: GrpcChannel, metadata: GrpcMetadata): Promise<void> {
    this.#under ??= this.#get(channel, metadata).finally(() => {
      this.#under = null;
    });
    return this.#under;
  }

  /** How the calls end that waited for it. */
  static endOf(cause: unknown): GrpcEnd {
    if (cause instanceof GrpcFault) return cause.end;
    const message = cause instanceof Error ? cause.message : String(cause);
    return {
      code: GRPC_CODES.FAILED_PRECONDITION,
      message,
      trailers: {},
      unprocessed: false,
      lost: 'answer',
    };
  }

  async #get(channel: GrpcChannel, metadata: GrpcMetadata): Promise<void> {
    const messages: Buffer[] = [];
    const { promise, resolve } = Promise.withResolvers<GrpcEnd>();
    const { path, message } = this.#what;
    const stream = channel.open(
      path,
      { message: (bytes) => messages.push(bytes), end: resolve },
      { metadata, deadlineMs: DEADLINE_MS },
    );
    stream.send(message);
    stream.finish();
    const end = await promise;
    if (end.code !== GRPC_CODES.OK) throw new GrpcFault(end);
    this.#what.take(messages);
    this.done = true;
  }
}
