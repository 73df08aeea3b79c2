// Refusals that say the same to everybody: the text of one is made once for each dialect, the id of its request put in.
import type { Dialect } from '../contracts/dialect.ts';
import type { StandingError } from '../contracts/errors.ts';
import type { HeaderList } from '../contracts/sink.ts';

/** Stands where the id does: as clean as one, so that it is written as it is, and nobody's. */
const PLACE = '=headgate.id.stands.here=';

export interface PreparedRefusal {
  readonly status: number;
  /** Shared by all who are refused so. */
  readonly headers: HeaderList;
  /** What stands around the id. */
  readonly parts: readonly string[];
}

/** An error as a whole answer of the dialect. */
export type Render = (
  dialect: Dialect,
  error: StandingError,
  requestId: string,
) => { status: number; headers: HeaderList; body: string };

export class PreparedRefusals {
  readonly #render: Render;
  readonly #made = new WeakMap<StandingError, Map<string, PreparedRefusal>>();

  constructor(render: Render) {
    this.#render = render;
  }

  of(error: StandingError, dialect: Dialect): PreparedRefusal {
    let made = this.#made.get(error);
    if (made === undefined) {
      made = new Map();
      this.#made.set(error, made);
    }
    let refusal = made.get(dialect.name);
    if (refusal === undefined) {
      const { status, headers, body } = this.#render(dialect, error, PLACE);
      refusal = { status, headers, parts: body.split(PLACE) };
      made.set(dialect.name, refusal);
    }
    return refusal;
  }
}
