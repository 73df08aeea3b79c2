// Writes a run for people: `report.md` and the charts as SVG and PNG, beside the `results.json` it is made of.
// `node bench/report/report.ts FOLDER` makes it once more from the JSON.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BenchRun } from '../result.ts';
import { chartSvg, svgToPng } from './chart.ts';
import { reportMarkdown } from './markdown.ts';

/** @param folder exists; what is in it by these names is replaced. */
export async function writeReport(run: BenchRun, folder: string): Promise<void> {
  const targets = run.peers.map(({ name }) => name);
  const pictures = new Map<string, string[]>();
  for (const { name, result } of run.scenarios) {
    const files: string[] = [];
    for (const [at, chart] of (result?.charts ?? []).entries()) {
      // Nothing was measured: an empty picture says less than the table does.
      if (chart.series.every(({ points }) => points.length === 0)) continue;
      const file = at === 0 ? name : `${name}-${at + 1}`;
      const svg = chartSvg(chart, targets);
      writeFileSync(join(folder, `${file}.svg`), svg);
      writeFileSync(join(folder, `${file}.png`), await svgToPng(svg));
      files.push(`${file}.svg`);
    }
    pictures.set(name, files);
  }
  writeFileSync(join(folder, 'report.md'), reportMarkdown(run, pictures));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = process.argv[2];
  if (folder === undefined) throw new Error('usage: node bench/report/report.ts FOLDER');
  await writeReport(JSON.parse(readFileSync(join(folder, 'results.json'), 'utf8')) as BenchRun, folder);
}
