// The one file that knows uPlot.
import UPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { clock } from '../format/time.ts';
import type { Series } from './chart.tsx';

export interface PlotOptions {
  readonly series: readonly Series[];
  readonly starts: readonly number[];
  readonly stacked: boolean;
  format(value: number | null): string;
  /** A part was marked by dragging; ms since 1970. Null: none can be. */
  readonly onRange: ((from: number, to: number) => void) | null;
}

export interface Drawn {
  update(starts: readonly number[], series: readonly Series[]): void;
  end(): void;
}

export type Plot = (place: HTMLElement, options: PlotOptions) => Drawn;

const HEIGHT = 168;
/** Of a colour where it fills much: lines and words have all of it. */
const AREA = 65;
/** All charts of a page share one cross-hair. */
const SYNC = 'page';

export const plot: Plot = (place, { series, starts, stacked, format, onRange }) => {
  const colors = colorsOf(place);
  const tip = document.createElement('div');
  tip.className = 'tip';
  let current = series;
  const axis = {
    stroke: colors('--muted'),
    grid: { stroke: colors('--line'), width: 1 },
    ticks: { show: false },
    font: '11px system-ui',
  };
  const chart = new UPlot(
    {
      width: Math.max(place.clientWidth, 120),
      height: HEIGHT,
      ms: 1,
      legend: { show: false },
      cursor: {
        sync: { key: SYNC, setSeries: false },
        drag: { x: onRange !== null, y: false, setScale: false },
        points: { size: 5 },
      },
      scales: { y: { range: (_chart, _min, max) => [0, max === null || max <= 0 ? 1 : max * 1.08] } },
      axes: [
        { ...axis, space: 70, size: 28, values: timeLabels, incrs: TIMES_APART },
        {
          ...axis,
          size: 56,
          values: (made: UPlot, splits: number[]) => {
            // Without anything to show the scale means nothing.
            const empty = made.data.slice(1).every((values) => ![...(values ?? [])].some((value) => value));
            return splits.map((value) => (empty && value !== 0 ? '' : format(value)));
          },
        },
      ],
      series: [
        {},
        ...series.map(
          ({ label, color }): UPlot.Series => ({
            label,
            stroke: colors(color),
            width: 1.5,
            points: { show: false },
            spanGaps: false,
            ...(stacked ? { fill: colors(color, AREA), width: 0, paths: bars() } : {}),
          }),
        ),
      ],
      hooks: {
        setSelect: [
          (made) => {
            const { left, width } = made.select;
            if (width < 8 || onRange === null) return;
            onRange(Math.round(made.posToVal(left, 'x')), Math.round(made.posToVal(left + width, 'x')));
            made.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          },
        ],
        setCursor: [
          (made) => {
            const at = made.cursor.idx;
            const time = at === null || at === undefined ? undefined : made.data[0][at];
            tip.hidden = at === null || at === undefined || time === undefined;
            if (tip.hidden || at === null || at === undefined || time === undefined) return;
            const lines = current.map(({ label, values }) => `${label} ${format(values[at] ?? null)}`);
            tip.textContent = [clock(time).replace(/:\d+\.\d+$/, ''), ...lines].join('\n');
            tip.classList.toggle('right', (made.cursor.left ?? 0) < made.bbox.width / devicePixelRatio / 2);
          },
        ],
      },
    },
    dataOf(starts, series, stacked),
    place,
  );
  tip.hidden = true;
  chart.over.append(tip);
  const sizes = new ResizeObserver(() => {
    const width = place.clientWidth;
    if (width > 0 && width !== chart.width) chart.setSize({ width, height: HEIGHT });
  });
  sizes.observe(place);
  return {
    update(at, next) {
      if (next.length !== current.length) return;
      current = next;
      chart.setData(dataOf(at, next, stacked));
    },
    end() {
      sizes.disconnect();
      chart.destroy();
    },
  };
};

function bars(): UPlot.Series.PathBuilder {
  return UPlot.paths.bars!({ size: [0.92, 24], gap: 0 });
}

/** Parts upon each other: each the sum of itself and those behind it, so that the first is drawn last. */
function dataOf(starts: readonly number[], series: readonly Series[], stacked: boolean): UPlot.AlignedData {
  const x = [...starts];
  if (!stacked) return [x, ...series.map(({ values }) => [...values])];
  const sums: (number | null)[][] = [];
  const below = new Array<number>(starts.length).fill(0);
  for (const { values } of [...series].reverse()) {
    const sum = values.map((value, index) => (below[index] = below[index]! + (value ?? 0)));
    sums.unshift(sum);
  }
  return [x, ...sums];
}

const MINUTE = 60_000;
const DAY = 86_400_000;
/** Labels have no seconds: nearer than a minute the same one stood twice. */
const TIMES_APART = [
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE),
  ...[1, 2, 3, 4, 6, 8, 12].map((hours) => hours * 60 * MINUTE),
  ...[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 14, 21, 30, 60, 90, 180, 365, 730, 1_825].map((days) => days * DAY),
];

function timeLabels(_chart: UPlot, splits: number[]): string[] {
  const apart = (splits[1] ?? 0) - (splits[0] ?? 0);
  return splits.map((at) => {
    const date = new Date(at);
    if (apart >= DAY || (date.getHours() === 0 && date.getMinutes() === 0 && apart >= 60 * MINUTE))
      return date.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' });
    return date.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
  });
}

/** Colours of the tokens as the canvas takes them. */
function colorsOf(place: HTMLElement): (token: string, percent?: number) => string {
  const probe = document.createElement('i');
  place.append(probe);
  const known = new Map<string, string>();
  return (token, percent = 100) => {
    let color = known.get(`${token} ${percent}`);
    if (color === undefined) {
      probe.style.color =
        percent === 100 ? `var(${token})` : `color-mix(in srgb, var(${token}) ${percent}%, var(--panel))`;
      color = getComputedStyle(probe).color;
      known.set(`${token} ${percent}`, color);
    }
    return color;
  };
}
