// A form on its way: read until its model is known, then handed on from its beginning, with another name of the model in
// it where that differs.
//
//   looking --model found, or the end--> known --pull--> kept bytes --> spooled bytes --> what comes        any --abort--> dropped
import { Buffer } from 'node:buffer';
import type { FormReader } from '../body/form.ts';
import type { BodyReader, BodySource } from '../contracts/body-source.ts';
import { GatewayError } from '../contracts/errors.ts';
import type { OpenSpool, Spool } from '../contracts/spool.ts';

/** Kept in memory while the model is looked for; more goes to disk. */
const KEPT_BYTES = 256 * 1024;

export class FormUpload implements BodySource, BodyReader {
  begun = false;
  ended = false;
  readonly #source: BodySource;
  readonly #form: FormReader;
  readonly #field: string;
  readonly #openSpool: OpenSpool;
  readonly #known = Promise.withResolvers<void>();
  /** Bytes before anybody reads. */
  #kept: Buffer[] = [];
  #keptBytes = 0;
  #spool: Spool | null = null;
  #reader: BodyReader | null = null;
  /** Nothing more comes. */
  #over = false;
  #dropped = false;
  /** Why the rest will not come: told to whoever reads, also when it begins to only later. */
  #failure: GatewayError | null = null;
  #reading = false;
  #blocked = false;
  /** What stands in the place of the field's value, and how much of the form was handed on. */
  #name: Buffer | null = null;
  #at = 0;

  /** @param field whose value is the model. */
  constructor(source: BodySource, form: FormReader, field: string, openSpool: OpenSpool) {
    this.#source = source;
    this.#form = form;
    this.#field = field;
    this.#openSpool = openSpool;
  }

  /** Resolves once the model is known, or the form has none. @throws GatewayError when it is none, or does not come. */
  named(): Promise<void> {
    this.#source.pull(this);
    return this.#known.promise;
  }

  get received(): number {
    return this.#source.received;
  }

  get length(): number {
    const { length } = this.#source;
    const place = this.#form.field(this.#field);
    if (length < 0 || this.#name === null || place === null) return length;
    return length + this.#name.length - (place.end - place.start);
  }

  rename(model: string): void {
    this.#name = this.#form.field(this.#field)?.value === model ? null : Buffer.from(model);
  }

  // -- of whoever reads it

  pull(reader: BodyReader): void {
    if (this.#failure !== null) reader.failed(this.#failure);
    if (this.#dropped) return;
    this.begun = true;
    this.#reader = reader;
    this.resume();
  }

  resume(): void {
    this.#blocked = false;
    if (this.#reader === null || this.#dropped || this.ended || this.#reading) return;
    while (!this.#blocked && this.#kept.length > 0) this.#give(this.#kept.shift()!);
    if (this.#blocked || this.#dropped) return;
    if (this.#spool !== null) this.#readSpool(this.#spool);
    else if (this.#over) this.#end();
    else this.#source.resume();
  }

  abort(): void {
    if (this.#dropped) return;
    this.#dropped = true;
    this.#kept = [];
    this.#spool?.close();
    this.#spool = null;
    this.#source.abort();
    // Nobody waits for it any more.
    this.#known.promise.catch(() => {});
    this.#known.reject(new GatewayError('GW_CLIENT_GONE'));
  }

  // -- of what comes

  data(piece: Buffer): boolean {
    if (this.#dropped) return true;
    try {
      this.#form.push(piece);
    } catch (cause) {
      this.failed(cause as GatewayError); // all it throws
      return true;
    }
    if (this.#reader !== null && this.#spool === null && this.#kept.length === 0) {
      this.#give(piece);
      return !this.#blocked;
    }
    const more = this.#keep(piece);
    if (this.#form.field(this.#field) === null) return more;
    this.#known.resolve();
    // Until somebody reads, what was kept is enough.
    return false;
  }

  end(): void {
    if (this.#dropped) return;
    try {
      this.#form.end();
    } catch (cause) {
      this.failed(cause as GatewayError); // all it throws
      return;
    }
    this.#over = true;
    this.#known.resolve();
    if (!this.#blocked) this.resume();
  }

  failed(error: GatewayError): void {
    if (this.#dropped) return;
    this.#known.promise.catch(() => {});
    this.#known.reject(error);
    this.#failure = error;
    this.abort();
    this.#reader?.failed(error);
  }

  // -- inside

  #keep(piece: Buffer): boolean {
    if (this.#spool === null && this.#keptBytes + piece.length <= KEPT_BYTES) {
      this.#kept.push(piece);
      this.#keptBytes += piece.length;
      return true;
    }
    if (this.#spool === null) {
      this.#spool = this.#openSpool((cause) =>
        this.failed(new GatewayError('GW_GATEWAY_INTERNAL', { cause })),
      );
      this.#spool.drained = () => {
        if (this.#form.field(this.#field) === null) this.#source.resume();
      };
    }
    return this.#spool.write(piece);
  }

  #readSpool(spool: Spool): void {
    this.#reading = true;
    spool.read().then(
      (bytes) => {
        this.#reading = false;
        if (this.#dropped) return;
        if (bytes === null) {
          spool.close();
          this.#spool = null;
        } else this.#give(bytes);
        if (!this.#blocked) this.resume();
      },
      (cause: unknown) => {
        this.#reading = false;
        this.failed(new GatewayError('GW_GATEWAY_INTERNAL', { cause }));
      },
    );
  }

  /** Hands on the next bytes of the form, the model's name replaced where it lies in them. */
  #give(bytes: Buffer): void {
    const from = this.#at;
    const to = from + bytes.length;
    this.#at = to;
    const place = this.#form.field(this.#field);
    if (this.#name === null || place === null || to <= place.start || from >= place.end) {
      // A value of no bytes lies between two.
      const between =
        this.#name !== null && place !== null && place.start === place.end && from === place.start;
      if (between) this.#hand(this.#name!);
      this.#hand(bytes);
      return;
    }
    if (from <= place.start) {
      this.#hand(bytes.subarray(0, place.start - from));
      this.#hand(this.#name);
    }
    if (to > place.end) this.#hand(bytes.subarray(place.end - from));
  }

  #hand(bytes: Buffer): void {
    if (bytes.length > 0 && !this.#dropped && !this.#reader!.data(bytes)) this.#blocked = true;
  }

  #end(): void {
    this.ended = true;
    this.#reader!.end();
  }
}
