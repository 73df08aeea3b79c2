// A body that was to be handed on while it comes, read whole first: somebody has to look at it.
import { boundaryOf } from '../body/form.ts';
import type { BodyReader, BodySource } from '../contracts/body-source.ts';
import type { Call } from '../contracts/call.ts';
import { GatewayError } from '../contracts/errors.ts';

/** @param tooLarge what is thrown when it is larger. @throws GatewayError that; whatever the source fails with. */
export function readWhole(
  source: BodySource,
  maxBytes: number,
  tooLarge: (maxBytes: number) => GatewayError = unreadable,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    let bytes = 0;
    source.pull({
      data(piece) {
        bytes += piece.length;
        if (bytes <= maxBytes) pieces.push(Buffer.from(piece));
        else {
          source.abort();
          reject(tooLarge(maxBytes));
        }
        return true;
      },
      end: () => resolve(Buffer.concat(pieces)),
      failed: reject,
    });
  });
}

/** As readWhole, up to what a body may have: the work of a call meanwhile, and who leaves ends it. */
export async function readUpload(
  call: Call,
  source: BodySource,
  tooLarge?: (maxBytes: number) => GatewayError,
): Promise<Buffer> {
  const work = { cancel: () => source.abort() };
  call.begin(work);
  try {
    return await readWhole(source, call.snapshot.config.server.maxBodyBytes, tooLarge);
  } finally {
    call.finish(work);
  }
}

function unreadable(maxBytes: number): GatewayError {
  const message = `A guardrail of this call reads bodies of up to ${maxBytes} bytes.`;
  return new GatewayError('GW_GUARDRAIL_UNREADABLE', { message });
}

/** A body that is there. */
export class WholeSource implements BodySource {
  readonly received: number;
  readonly decoded: boolean;
  begun = false;
  ended = false;
  #body: Buffer;
  readonly #contentType: string;

  /** @param received bytes of the client's, whatever became of them. @param decoded they had a coding. */
  constructor(body: Buffer, contentType: string, received: number, decoded = false) {
    this.decoded = decoded;
    this.#body = body;
    this.#contentType = contentType;
    this.received = received;
  }

  get length(): number {
    return this.#body.length;
  }

  /** Of a form: its field `model`. */
  rename(model: string): void {
    const boundary = boundaryOf(this.#contentType);
    if (boundary === null) return;
    const body = this.#body;
    const head = /name="?model"?\r\n(?:[^\r\n]+\r\n)*\r\n/.exec(body.toString('latin1'));
    if (head === null) return;
    const start = head.index + head[0].length;
    const end = body.indexOf(`\r\n--${boundary}`, start);
    if (end === -1) return;
    this.#body = Buffer.concat([body.subarray(0, start), Buffer.from(model), body.subarray(end)]);
  }

  pull(reader: BodyReader): void {
    this.begun = true;
    this.ended = true;
    if (this.#body.length > 0) reader.data(this.#body);
    reader.end();
  }

  resume(): void {
    // It was handed over at once.
  }

  abort(): void {
    // Nobody waits for more of it.
  }
}
