// What devices at the edge did without the centre: refused calls, calls that a gate on the machine answered. Devices send them when the
// centre is back, and again when they did not hear that it took them; a place in the order of each device's tells which are there.
import type { EdgeEvent } from '../../contracts/edge.ts';
import { insertMany } from './insert.ts';
import { type SqlDriver, type SqlWork, statement } from '../sql-driver.ts';

export interface EdgeEventRow extends EdgeEvent {
  /** Id of the device. */
  readonly device: string;
}

export interface EdgeEventQuery {
  readonly device?: string;
  readonly outcome?: string;
  /** ms since 1970, inclusive. */
  readonly since?: number;
  /** `next` of the page before. */
  readonly cursor?: string;
  readonly limit: number;
}

export interface EdgeEvents {
  /**
   * Those of a device from its `from`th on, in their order. Nothing is written where the device is ahead of what is there or behind it.
   * @returns the place that the device's next event has
   */
  put(device: string, from: number, events: readonly EdgeEvent[]): Promise<number>;
  /** Newest first. */
  page(query: EdgeEventQuery): Promise<{ items: EdgeEventRow[]; next: string | null }>;
}

export function createEdgeEvents(driver: Pick<SqlDriver, 'read' | 'write'>): EdgeEvents {
  return {
    put: (device, from, events) => driver.write(() => putWork(device, from, events)),
    page: (query) => driver.read(() => pageWork(query)),
  };
}

function* putWork(device: string, from: number, events: readonly EdgeEvent[]): SqlWork<number> {
  const found = (yield statement('SELECT place FROM edge_places WHERE device = ?', device))[0];
  const place = Number(found?.['place'] ?? 0);
  if (place !== from) return place;
  const to = from + events.length;
  yield* insertMany(
    'edge_events',
    ['device', 'place', 'at', 'outcome', 'data'],
    events.map((event, index) => [device, from + index, event.at, event.outcome, JSON.stringify(event)]),
  );
  yield statement(
    'INSERT INTO edge_places (device, place) VALUES (?, ?) ON CONFLICT (device) DO UPDATE SET place = excluded.place',
    device,
    to,
  );
  return to;
}

function* pageWork({ device, outcome, since, cursor, limit }: EdgeEventQuery): SqlWork<{
  items: EdgeEventRow[];
  next: string | null;
}> {
  const [at, place, of] = cursor === undefined ? [] : cursor.split(':');
  const wanted: [text: string, ...values: (string | number)[]][] = [
    ...(device === undefined ? [] : [['device = ?', device] as [string, string]]),
    ...(outcome === undefined ? [] : [['outcome = ?', outcome] as [string, string]]),
    ...(since === undefined ? [] : [['at >= ?', since] as [string, number]]),
    ...(of === undefined
      ? []
      : [
          ['(at, place, device) < (?, ?, ?)', Number(at), Number(place), of] as [
            string,
            number,
            number,
            string,
          ],
        ]),
  ];
  const where = wanted.length === 0 ? '' : `WHERE ${wanted.map(([text]) => text).join(' AND ')}`;
  const rows = yield statement(
    `SELECT device, place, at, data FROM edge_events ${where} ORDER BY at DESC, place DESC, device DESC LIMIT ?`,
    ...wanted.flatMap(([, ...values]) => values),
    limit + 1,
  );
  const items = rows.slice(0, limit).map((row) => ({
    device: String(row['device']),
    ...(JSON.parse(String(row['data'])) as EdgeEvent), // only written above
  }));
  const last = rows[limit - 1];
  return {
    items,
    next:
      rows.length > limit
        ? `${Number(last!['at'])}:${Number(last!['place'])}:${String(last!['device'])}`
        : null,
  };
}
