// Writes deploy/grafana from scripts/grafana/: the board and the alert rules. `--check` fails when a file is out of date.
import { readFileSync, writeFileSync } from 'node:fs';
import { stringify } from 'yaml';
import { alertRules } from './grafana/alerts.ts';
import { boardJson } from './grafana/board.ts';

const folder = new URL('../deploy/grafana/', import.meta.url);

/** File name -> what is to stand in it. */
export const FILES: Readonly<Record<string, string>> = {
  'headgate.json': `${JSON.stringify(boardJson(), null, 2)}\n`,
  'alerts.yaml': `# Alert rules for Prometheus, made by scripts/grafana.ts.\n${stringify(alertRules(), { lineWidth: 0 })}`,
};

if (import.meta.main) {
  for (const [name, text] of Object.entries(FILES)) {
    const file = new URL(name, folder);
    if (!process.argv.includes('--check')) writeFileSync(file, text);
    else if (readFileSync(file, 'utf8') !== text) {
      console.error(`deploy/grafana/${name} is out of date: node scripts/grafana.ts`);
      process.exitCode = 1;
    }
  }
}
