// Names of objects: partitions as Hive, Athena, DuckDB and Spark read them.
export const HOUR_MS = 3_600_000;

export const hourOf = (at: number): number => Math.floor(at / HOUR_MS) * HOUR_MS;

/** `year=2026/month=11/day=29/hour=13/part-00000.ndjson.gz`, in UTC. @param start of the hour, ms since 1970 */
export function objectName(start: number, part: number): string {
  const [year, month, day, hour] = new Date(start).toISOString().split(/[-T:]/);
  return `year=${year}/month=${month}/day=${day}/hour=${hour}/part-${String(part).padStart(5, '0')}.ndjson.gz`;
}
