// A bucket of rates in a bounded table: its meter with the numbers it is in, and what the table asks of a row. The ledger
// and the policy of a gateway whose Redis is away keep their own beside it.
import type { Row } from './bucket-table.ts';
import { isStill, type MeterPace } from './meter.ts';
import type { PacedMeter } from './repace.ts';

export class OwingRow implements PacedMeter, Row {
  pace: MeterPace;
  debtUs = 0;
  debtFrac = 0;
  seenUs: number;
  excessUs = 0;
  changedUs = 0;
  /** Slots in use or leased; rates keep their books in the debt. */
  taken = 0;

  constructor(pace: MeterPace, nowUs: number) {
    this.pace = pace;
    this.seenUs = nowUs;
  }

  /** us at which nothing would be owed any more. What is spent of a budget is forgotten last, and the most of it at the very last. */
  get tat(): number {
    return isStill(this.pace) ? Number.MAX_SAFE_INTEGER + this.debtUs : this.seenUs + this.debtUs;
  }
}
