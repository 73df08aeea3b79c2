// A chart of the report as SVG and PNG: echarts renders on the server side, resvg makes pixels of it, and the font comes from a
// package, so that the pictures look the same on a machine without any.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { initWasm, Resvg } from '@resvg/resvg-wasm';
import { BarChart, LineChart } from 'echarts/charts';
import { GridComponent, LegendComponent, TitleComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import type { Chart } from '../contract.ts';
import { readable } from './readable.ts';

const WIDTH = 960;
const HEIGHT = 480;
const FONT = 'DejaVu Sans';
/** Colour-blind safe (Okabe and Ito), Headgate first: the same target has the same colour in every chart of a run. */
const COLOURS = ['#0072b2', '#e69f00', '#009e73', '#d55e00', '#cc79a7', '#56b4e9', '#999999', '#f0e442'];

const packages = createRequire(import.meta.url);
let wasm: Promise<void> | null = null;

use([BarChart, LineChart, GridComponent, LegendComponent, TitleComponent, SVGRenderer]);

/** @param targets names in the order of their colours; a series that is not among them takes a free one. */
export function chartSvg(chart: Chart, targets: readonly string[]): string {
  const canvas = init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height: HEIGHT });
  const { kind, series, title, xLabel, yLabel, logX = false, logY = false } = chart;
  const text = { fontFamily: FONT, color: '#222222' };
  const names = [...new Set([...targets, ...series.map(({ name }) => name)])];
  // Alone, a series of bars has a colour for each target that it names.
  const coloured = (x: number | string): { itemStyle?: { color: string } } =>
    kind === 'bars' && series.length === 1 && names.includes(String(x))
      ? { itemStyle: { color: colourOf(names.indexOf(String(x))) } }
      : {};
  const category =
    kind === 'bars' || series.some(({ points }) => points.some(([x]) => typeof x === 'string'));
  canvas.setOption({
    animation: false,
    backgroundColor: '#ffffff',
    textStyle: text,
    title: { text: title, left: 24, top: 14, textStyle: { ...text, fontSize: 16, fontWeight: 'bold' } },
    legend: { bottom: 8, textStyle: text, show: series.length > 1 },
    grid: { outerBounds: { left: 24, right: 40, top: 72, bottom: 56 } },
    xAxis: {
      type: category ? 'category' : logX ? 'log' : 'value',
      name: xLabel,
      nameLocation: 'middle',
      nameGap: 30,
      ...(category
        ? { data: categories(chart) }
        : {
            logBase: 2,
            min: 'dataMin',
            max: 'dataMax',
            axisLabel: { formatter: (x: number) => readable(Math.round(x)) },
          }),
    },
    yAxis: {
      type: logY ? 'log' : 'value',
      name: yLabel,
      nameLocation: 'end',
      nameTextStyle: { align: 'left' },
    },
    series: series.map(({ name, points }) => ({
      name,
      type: kind === 'bars' ? ('bar' as const) : ('line' as const),
      color: colourOf(names.indexOf(name)),
      // A logarithmic axis has no place for zero.
      data: points.filter(([, y]) => !logY || y > 0).map(([x, y]) => ({ value: [x, y], ...coloured(x) })),
      ...(kind === 'bars'
        ? { label: { show: true, position: 'top' as const, formatter: valueLabel, fontFamily: FONT } }
        : { symbolSize: 6 }),
    })),
  });
  const svg = canvas.renderToSVGString();
  canvas.dispose();
  return svg;
}

/** PNG of an SVG, twice its size, for screens and slides. */
export async function svgToPng(svg: string): Promise<Uint8Array> {
  wasm ??= initWasm(readFileSync(packages.resolve('@resvg/resvg-wasm/index_bg.wasm')));
  await wasm;
  const fonts = ['DejaVuSans.ttf', 'DejaVuSans-Bold.ttf'].map((file) =>
    readFileSync(packages.resolve(`dejavu-fonts-ttf/ttf/${file}`)),
  );
  const image = new Resvg(svg, {
    fitTo: { mode: 'zoom', value: 2 },
    font: { fontBuffers: fonts, defaultFontFamily: FONT, sansSerifFamily: FONT },
  });
  return image.render().asPng();
}

function colourOf(at: number): string {
  return COLOURS[at % COLOURS.length]!;
}

function categories({ series }: Chart): string[] {
  return [...new Set(series.flatMap(({ points }) => points.map(([x]) => String(x))))];
}

function valueLabel({ value }: { value: unknown }): string {
  const y = Array.isArray(value) ? Number(value[1]) : Number(value);
  return readable(y);
}
