// What deploy/ says of the gateway is true: variables, paths, files and the configuration in it.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { ENV_VARIABLES, LOADER_VARIABLES } from '../src/config/environment.ts';
import { loadConfig } from '../src/config/load.ts';
import { createRouteTable } from '../src/http/routes/route-table.ts';

const root = path.resolve(import.meta.dirname, '..');
const deploy = path.join(root, 'deploy');
const files = readdirSync(deploy, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => path.relative(deploy, path.join(entry.parentPath, entry.name)));
const read = (name: string): string => readFileSync(path.join(deploy, name), 'utf8');

const known: ReadonlySet<string> = new Set([...ENV_VARIABLES.map(({ name }) => name), ...LOADER_VARIABLES]);

it.each(files)('%s names variables that there are', (name) => {
  for (const variable of read(name).match(/\bHEADGATE_[A-Z_]+\b/g) ?? [])
    expect(known, variable).toContain(variable);
});

it.each(files)('%s names paths that are answered without a key', (name) => {
  const table = createRouteTable(new Map());
  for (const [, probed] of read(name).matchAll(/path: (\/[a-z]+z|\/metrics)\b/g)) {
    const { route } = table.match(probed!);
    expect([probed, route.kind, route.open]).toEqual([probed, 'local', true]);
  }
});

describe('compose', () => {
  const compose = parse(read('compose/compose.yaml')) as {
    services: Record<string, { volumes?: string[] }>;
    volumes: object;
  };

  it('mounts files that there are, and volumes that it makes', () => {
    for (const { volumes = [] } of Object.values(compose.services)) {
      for (const volume of volumes) {
        const [from] = volume.split(':');
        if (from!.startsWith('.')) expect(existsSync(path.join(deploy, 'compose', from!)), from).toBe(true);
        else expect(Object.keys(compose.volumes)).toContain(from);
      }
    }
  });

  it.each(['prometheus.yaml', 'grafana-source.yaml', 'grafana-boards.yaml'])('%s is YAML', (name) => {
    expect(parse(read(`compose/${name}`))).toBeTypeOf('object');
  });
});

describe('the chart', () => {
  const values = parse(read('helm/headgate/values.yaml')) as Record<string, unknown>;

  it('is of the version of the package', () => {
    const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
      version: string;
    };
    expect(parse(read('helm/headgate/Chart.yaml'))).toMatchObject({ version, appVersion: version });
  });

  it('comes with a configuration that can be used', () => {
    const { config } = loadConfig({
      env: { HEADGATE_API_KEYS: 'a-key-of-16-or-more', OPENAI_API_KEY: 'sk-anything-0001' },
      cwd: '/nonexistent',
      cores: 1,
    });
    expect(config.providers.map(({ name }) => name)).toContain('openai');
    expect(Object.keys(values['config'] as object)).toEqual(['providers']);
  });

  it('asks for no value that it does not have', () => {
    const templates = files.filter((name) => name.startsWith('helm/headgate/templates/'));
    expect(templates.length).toBeGreaterThan(5);
    for (const name of templates)
      for (const [, asked] of read(name).matchAll(/\.Values\.([A-Za-z.]+)/g)) {
        let here: unknown = values;
        for (const key of asked!.split('.')) {
          expect(Object.keys(here as object), `${name}: .Values.${asked}`).toContain(key);
          here = (here as Record<string, unknown>)[key];
        }
      }
  });

  it('closes what it opens', () => {
    for (const name of files.filter((one) => one.includes('/templates/'))) {
      const opened = read(name).match(/\{\{-? *(if|range|with|define)\b/g)?.length ?? 0;
      expect(read(name).match(/\{\{-? *end\b/g)?.length ?? 0, name).toBe(opened);
    }
  });
});

it('the unit starts what the package has, and gives it the time it may take to drain', () => {
  const unit = read('systemd/headgate.service');
  const { bin } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
    bin: { headgate: string };
  };
  // Where npm installs a package with `--prefix`.
  expect(unit).toContain(
    `ExecStart=/usr/bin/node /opt/headgate/lib/node_modules/headgate/${bin.headgate} start`,
  );
  const { config } = loadConfig({ env: {}, cwd: '/nonexistent', cores: 1 });
  expect(Number(/TimeoutStopSec=(\d+)/.exec(unit)?.[1]) * 1000).toBeGreaterThan(
    config.server.drainTimeoutMs + config.server.preStopMs + 5_000,
  );
});

describe('the systemd unit', () => {
  const settings = (text: string): Record<string, string> =>
    Object.fromEntries(
      [...text.matchAll(/^(KillMode|Restart|RestartSec|TimeoutStopSec)=(.*)$/gm)].map(([, name, value]) => [
        name,
        value,
      ]),
    );

  it('leaves the workers of a primary that is killed to finish their calls, as operations.md says', () => {
    const unit = settings(read('systemd/headgate.service'));
    expect(unit).toMatchObject({ KillMode: 'process', Restart: 'always' });
    expect(settings(readFileSync(path.join(root, 'docs/operations.md'), 'utf8'))).toEqual(unit);
  });
});
