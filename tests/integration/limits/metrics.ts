// One series of /metrics as a number.
import { call } from '../../kit/client.ts';

/** Value of the series, named as it is printed; null when it is not there. */
export async function gaugeOf(of: { url: string }, series: string): Promise<number | null> {
  const { text } = await call(of, '/metrics');
  const line = text.split('\n').find((one) => one.startsWith(`${series} `));
  return line === undefined ? null : Number(line.slice(series.length + 1));
}
