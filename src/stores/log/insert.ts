// Many rows in few statements of few lengths: a database prepares each length once.
import type { SqlValue, SqlWork } from '../sql-driver.ts';

const LONGEST = 32;

/** @param rows values in the order of `columns` @param behind what follows the values, such as `ON CONFLICT …` */
export function* insertMany(
  table: string,
  columns: readonly string[],
  rows: readonly (readonly SqlValue[])[],
  behind = '',
): SqlWork<void> {
  const one = `(${columns.map(() => '?').join(', ')})`;
  let at = 0;
  while (at < rows.length) {
    const left = rows.length - at;
    const count = left >= LONGEST ? LONGEST : 2 ** Math.floor(Math.log2(left));
    yield {
      text: `INSERT INTO ${table} (${columns.join(', ')}) VALUES ${Array<string>(count).fill(one).join(', ')} ${behind}`,
      values: rows.slice(at, at + count).flat(),
    };
    at += count;
  }
}
