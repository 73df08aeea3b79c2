// A request's body that is still on its way: handed on piece by piece, and never held whole.
import type { GatewayError } from './errors.ts';

/** Takes a body as it comes. Nothing is called behind `end` or `failed`. */
export interface BodyReader {
  /** A piece, the reader's to keep. @returns false: no more until `resume`, but for what was under way already. */
  data(piece: Buffer): boolean;
  /** That was all of it. */
  end(): void;
  /** The rest will not come. */
  failed(error: GatewayError): void;
}

/** Can be read once. */
export interface BodySource {
  /** Bytes in all; -1 = nobody said. */
  readonly length: number;
  /** Bytes that have come. */
  readonly received: number;
  /** The last of it was handed on. */
  readonly ended: boolean;
  /** It had a content coding and has none any more. Absent: it is as it came. */
  readonly decoded?: boolean;
  /** Somebody has begun to read it: nobody else can. */
  readonly begun: boolean;
  /** There is the name of a model in it, which is said differently; before anybody reads. Absent: there is none. */
  rename?(model: string): void;
  /** `reader` gets it, some of it perhaps at once; or hears at once that the rest will not come. */
  pull(reader: BodyReader): void;
  /** The reader wants more, after its `data` said false. */
  resume(): void;
  /** Nobody wants the rest. Idempotent. */
  abort(): void;
}

/** Whether a body is still on its way. */
export function isSource(body: object | null): body is BodySource {
  return body !== null && 'pull' in body;
}
