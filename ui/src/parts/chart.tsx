// A chart over time, with its numbers as a table one click away. What draws it is loaded with the first chart.
import { useEffect, useRef, useState } from 'preact/hooks';
import { setQuery } from '../app/router.ts';
import { theme } from '../app/theme.ts';
import { when } from '../format/time.ts';
import type { Drawn, Plot } from './plot.ts';
import './chart.css';

export interface Series {
  readonly label: string;
  /** Token of a colour, such as `--ok`. */
  readonly color: string;
  /** One for each point; null = nothing happened there, and a gap. */
  readonly values: readonly (number | null)[];
}

export interface ChartProps {
  title: string;
  /** Of the numbers on its axis. */
  unit: string;
  /** ms since 1970, of each point. */
  starts: readonly number[];
  series: readonly Series[];
  format: (value: number | null) => string;
  /** Parts of a whole lie upon each other. */
  stacked?: boolean;
  /** False: what is marked by dragging is no range of the page. */
  zoom?: boolean;
  /** Beside the title: the sum, or what matters most. */
  headline?: string;
}

export function Chart(props: ChartProps) {
  const { title, unit, starts, series, format, headline = '' } = props;
  const [table, showTable] = useState(false);
  const [hidden, hide] = useState<ReadonlySet<string>>(new Set());
  const shown = series.filter(({ label }) => !hidden.has(label));
  const toggle = (label: string): void => {
    const next = new Set(hidden);
    if (!next.delete(label)) next.add(label);
    hide(next);
  };
  return (
    <figure class="panel chart">
      <figcaption>
        <h2>
          {title} <span class="muted small">{unit}</span>
        </h2>
        <b class="num">{headline}</b>
        <button type="button" class="plain small" aria-pressed={table} onClick={() => showTable(!table)}>
          {table ? 'Chart' : 'Table'}
        </button>
      </figcaption>
      {table ? (
        <Numbers starts={starts} series={shown} format={format} />
      ) : (
        <Canvas {...props} series={shown} />
      )}
      {series.length > 1 && (
        <div class="legend">
          {series.map(({ label, color }) => (
            <button
              key={label}
              type="button"
              class="plain"
              aria-pressed={!hidden.has(label)}
              onClick={() => toggle(label)}
            >
              <i style={{ background: `var(${color})` }} />
              <span class="clip">{label}</span>
            </button>
          ))}
        </div>
      )}
    </figure>
  );
}

function Canvas({ title, starts, series, format, stacked = false, zoom = true }: ChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const drawn = useRef<Drawn | null>(null);
  const [draw, setDraw] = useState<{ plot: Plot } | null>(null);
  const [failed, fail] = useState(false);
  const look = `${theme.value} ${series.map(({ label, color }) => label + color).join()} ${stacked}`;
  useEffect(() => {
    let gone = false;
    import('./plot.ts').then(
      ({ plot }) => !gone && setDraw({ plot }),
      () => !gone && fail(true),
    );
    return () => {
      gone = true;
    };
  }, []);
  useEffect(() => {
    if (draw === null || place.current === null) return;
    const made = draw.plot(place.current, {
      series,
      starts,
      format,
      stacked,
      onRange: zoom ? (from, to) => setQuery({ from: String(from), to: String(to) }) : null,
    });
    drawn.current = made;
    return () => {
      drawn.current = null;
      made.end();
    };
  }, [draw, look]);
  useEffect(() => drawn.current?.update(starts, series), [starts, series]);
  if (failed) return <p class="pad muted">The chart could not be loaded. Its numbers are in the table.</p>;
  return (
    <div
      class="canvas"
      ref={place}
      role="img"
      aria-label={`${title} over time; the numbers are in the table`}
    />
  );
}

function Numbers({ starts, series, format }: Pick<ChartProps, 'starts' | 'series' | 'format'>) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys
    <div class="table-wrap canvas" tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th>Time</th>
            {series.map(({ label }) => (
              <th key={label} class="num">
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {starts
            .map((at, index) => (
              <tr key={at}>
                <td>{when(at)}</td>
                {series.map(({ label, values }) => (
                  <td key={label} class="num">
                    {format(values[index] ?? null)}
                  </td>
                ))}
              </tr>
            ))
            .reverse()}
        </tbody>
      </table>
    </div>
  );
}
