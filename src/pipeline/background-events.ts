// Where the stream of a response goes that runs without its client: its events are noted, under the id and with the numbers that
// its client was told.
import type { EventScanner } from '../contracts/framing.ts';
import type { JsonObject } from '../contracts/json.ts';
import type { HeaderList } from '../contracts/sink.ts';
import { objectAt, parseObject, stringAt } from '../dialects/lenient.ts';
import type { EventLog } from '../responses/event-log.ts';
import { createSseScanner } from '../wire/sse-scanner.ts';
import { BackgroundSink } from './background-sink.ts';

/** Told when it was queued, or when the run is over. */
const OURS = new Set(['response.created', 'response.queued', 'response.in_progress', 'error']);
const LAST = new Set(['response.completed', 'response.incomplete', 'response.failed']);
/** Our own encoder's, or passed on by a relay with a bound of its own. */
const MAX_EVENT_BYTES = 64 * 1024 * 1024;

export class BackgroundEvents extends BackgroundSink {
  readonly #log: EventLog;
  readonly #own: JsonObject;
  readonly #onEvent: () => void;
  #scanner: EventScanner | null = null;

  /** @param own members of the response as its client knows it. @param onEvent one was noted. */
  constructor(log: EventLog, own: JsonObject, onEvent: () => void) {
    super();
    this.#log = log;
    this.#own = own;
    this.#onEvent = onEvent;
  }

  override start(status: number, headers: HeaderList = []): void {
    super.start(status, headers);
    this.#scanner = createSseScanner({ maxEventBytes: MAX_EVENT_BYTES });
  }

  override chunk(bytes: Buffer | string): boolean {
    if (this.#scanner === null) return super.chunk(bytes);
    const { count, data } = this.#scanner.push(Buffer.from(bytes));
    // The columns are the next scanner's: what they hold is read at once.
    for (const text of data.slice(0, count)) if (text !== null) this.#take(text);
    return true;
  }

  override end(): void {
    super.end();
    this.#scanner?.close();
  }

  override cut(): void {
    super.cut();
    this.#scanner?.close();
  }

  #take(text: string): void {
    const event = parseObject(text);
    const type = event === null ? null : stringAt(event, 'type');
    // The last one is told when it is known what is kept.
    if (event === null || type === null || OURS.has(type) || LAST.has(type)) return;
    const response = objectAt(event, 'response');
    this.#log.add(type, response === null ? event : { ...event, response: { ...response, ...this.#own } });
    this.#onEvent();
  }
}
