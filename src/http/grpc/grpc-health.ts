// grpc.health.v1.Health: what load balancers, Kubernetes and clients with health checks ask. While the gateway drains nothing serves.
import type { ServerHttp2Stream } from 'node:http2';
import { SERVICES } from '../../grpc/described-files.ts';
import { fieldTexts } from '../../grpc/field-texts.ts';
import { GrpcDeframer, grpcFrame } from '../../wire/grpc.ts';
import { ProtobufWriter } from '../../wire/protobuf.ts';
import { beginAnswer, endWith } from './grpc-stream.ts';

const CHECK = '/grpc.health.v1.Health/Check';
const WATCH = '/grpc.health.v1.Health/Watch';
/** Of a request: the name of a service; '' = the server as a whole. */
const SERVICE = 1;
const MAX_REQUEST_BYTES = 4_096;
const STATUS = { SERVING: 1, NOT_SERVING: 2, SERVICE_UNKNOWN: 3 } as const;

export class GrpcHealth {
  readonly #serves: () => boolean;
  /** Those that are told of changes, of services that there are. */
  readonly #watching = new Set<ServerHttp2Stream>();

  constructor(serves: () => boolean) {
    this.#serves = serves;
  }

  takes(path: string): boolean {
    return path === CHECK || path === WATCH;
  }

  answer(path: string, stream: ServerHttp2Stream): void {
    let asked = false;
    const deframer = new GrpcDeframer(MAX_REQUEST_BYTES, (message) => {
      if (asked) return;
      asked = true;
      this.#asked(path, stream, fieldTexts(message).get(SERVICE) ?? '');
    });
    stream.on('data', (piece: Buffer) => {
      try {
        deframer.push(piece);
      } catch {
        endWith(stream, 'INVALID_ARGUMENT', 'The message is no HealthCheckRequest.');
      }
    });
    stream.on('end', () => {
      if (!asked) endWith(stream, 'INVALID_ARGUMENT', 'The method takes one message.');
    });
  }

  leave(): void {
    for (const stream of this.#watching) {
      say(stream, STATUS.NOT_SERVING);
      endWith(stream, 'UNAVAILABLE', 'The gateway is shutting down.');
    }
    this.#watching.clear();
  }

  #asked(path: string, stream: ServerHttp2Stream, service: string): void {
    const known = service === '' || SERVICES.includes(service);
    const status = this.#serves() ? STATUS.SERVING : STATUS.NOT_SERVING;
    if (path === CHECK && !known) {
      endWith(stream, 'NOT_FOUND', `There is no service ${service} here.`);
      return;
    }
    beginAnswer(stream);
    say(stream, known ? status : STATUS.SERVICE_UNKNOWN);
    if (path === CHECK) endWith(stream, 'OK');
    else if (status === STATUS.NOT_SERVING) endWith(stream, 'UNAVAILABLE', 'The gateway is shutting down.');
    else {
      this.#watching.add(stream);
      stream.on('close', () => this.#watching.delete(stream));
    }
  }
}

function say(stream: ServerHttp2Stream, status: number): void {
  if (stream.destroyed) return;
  const message = new ProtobufWriter(16);
  message.uint(1, status);
  stream.write(grpcFrame(message.take()));
}
