// What deploy/ holds, as the programs take it that it is for: the chart rendered and linted by Helm and checked against the schemas of
// Kubernetes, the Terraform example parsed, the unit looked at by systemd, the compose file against what the gateway takes.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { loadConfig } from '../../../src/config/load.ts';
import { root } from '../../kit/program.ts';
import { Unavailable } from '../python.ts';
import { type DeployTools, deployTools } from './tools.ts';

const deploy = path.join(root, 'deploy');
const folder = mkdtempSync(path.join(tmpdir(), 'headgate-deploy-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let lacking = '';
const tools = ((): DeployTools => {
  try {
    return deployTools();
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    lacking = error.message;
    return { helm: '', kubernetes: '', python: '' };
  }
})();

// biome-ignore lint/suspicious/noExplicitAny: manifests are of many shapes
type Manifest = any;

function run(program: string, args: readonly string[], env: Record<string, string> = {}): string {
  const { status, stdout, stderr } = spawnSync(program, args, {
    encoding: 'utf8',
    cwd: folder,
    env: { PATH: process.env['PATH'], HOME: folder, ...env },
  });
  if (status !== 0) throw new Error(`${path.basename(program)} ${args.join(' ')}: ${stderr}${stdout}`);
  return stdout;
}

const CHART = path.join(deploy, 'helm/headgate');
const helm = (verb: string, values: object, ...more: string[]): string => {
  const file = path.join(folder, 'values.json');
  writeFileSync(file, JSON.stringify(values));
  return run(tools.helm, [verb, ...more, CHART, '-f', file]);
};
const rendered = (values: object): Manifest[] =>
  parseAllDocuments(helm('template', values, 'gate', '--namespace', 'ns')).map((document) => document.toJS());
const kinds = (manifests: Manifest[]): string[] => manifests.map(({ kind }) => kind).sort();
const one = (manifests: Manifest[], kind: string): Manifest =>
  manifests.find((manifest) => manifest.kind === kind);

const EVERYTHING = {
  existingSecret: 'keys',
  imagePullSecrets: [{ name: 'pull' }],
  env: { HEADGATE_LOG_LEVEL: 'debug' },
  admin: { enabled: true, persistence: { enabled: true, storageClass: 'fast' } },
  ingress: {
    enabled: true,
    className: 'nginx',
    host: 'gate.example',
    tlsSecret: 'tls',
    annotations: { 'nginx.ingress.kubernetes.io/proxy-buffering': 'off' },
  },
  autoscaling: { enabled: true, queueDepth: 20 },
  networkPolicy: { enabled: true, from: [{ namespaceSelector: {} }] },
  serviceMonitor: { enabled: true, labels: { release: 'prometheus' } },
  serviceAccount: { name: 'gate', annotations: { a: 'b' } },
  podAnnotations: { 'checksum/config': 'x' },
  nodeSelector: { 'kubernetes.io/os': 'linux' },
  tolerations: [{ key: 'gate', operator: 'Exists' }],
  affinity: { podAntiAffinity: {} },
};
const CASES: readonly (readonly [string, object])[] = [
  ['as it comes', {}],
  ['with everything on', EVERYTHING],
  [
    'with nothing that can be off',
    { podDisruptionBudget: { enabled: false }, serviceAccount: { create: false }, topologySpread: false },
  ],
  [
    'with replicas that share a PostgreSQL',
    { admin: { enabled: true }, replicas: 3, existingSecret: 'keys' },
  ],
];

describe.skipIf(lacking !== '')('the chart', () => {
  it.each(CASES)('%s is linted without a warning', (_words, values) => {
    expect(helm('lint', values, '--strict', '--quiet')).not.toMatch(/WARNING|ERROR/);
  });

  it.each(CASES)('%s is what Kubernetes takes', (_words, values) => {
    const known = JSON.parse(readFileSync(tools.kubernetes, 'utf8')) as {
      $id: string;
      $defs: Record<string, Manifest>;
    };
    const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
    ajv.addSchema(known);
    for (const manifest of rendered(values)) {
      const { apiVersion, kind } = manifest;
      const found = Object.entries(known.$defs).find(
        ([, { properties }]) =>
          properties?.kind?.enum?.includes(kind) && properties.apiVersion?.enum?.includes(apiVersion),
      );
      if (kind === 'ServiceMonitor') {
        // Prometheus' own kind.
        expect([apiVersion, manifest.spec.endpoints[0].path]).toEqual([
          'monitoring.coreos.com/v1',
          '/metrics',
        ]);
        continue;
      }
      expect(found, `${apiVersion} ${kind}`).toBeDefined();
      const valid = ajv.getSchema(`${known.$id}#/$defs/${found![0]}`)!;
      expect([kind, valid(manifest), valid.errors]).toEqual([kind, true, null]);
      // And would say so if it were not.
      if (kind === 'Deployment')
        expect(valid({ ...manifest, spec: { ...manifest.spec, replica: 2 } })).toBe(false);
    }
  });

  it('makes what its values say, and no more', () => {
    expect(kinds(rendered({}))).toEqual([
      'ConfigMap',
      'Deployment',
      'PodDisruptionBudget',
      'Service',
      'ServiceAccount',
    ]);
    const all = rendered(EVERYTHING);
    expect(kinds(all)).toEqual([
      'ConfigMap',
      'Deployment',
      'HorizontalPodAutoscaler',
      'Ingress',
      'NetworkPolicy',
      'PersistentVolumeClaim',
      'PodDisruptionBudget',
      'Service',
      'ServiceAccount',
      'ServiceMonitor',
    ]);
    expect(() => rendered({ ingress: { enabled: true } })).toThrow('ingress.host is needed');
    // It scales by calls that wait in lanes, and drains before it goes.
    const scaler = one(all, 'HorizontalPodAutoscaler').spec;
    expect(
      scaler.metrics.map((metric: Manifest) => metric.pods?.metric.name ?? metric.resource.name),
    ).toEqual(['cpu', 'headgate_queue_depth']);
    const pod = one(all, 'Deployment').spec.template.spec;
    const env = Object.fromEntries(pod.containers[0].env.map(({ name, value }: Manifest) => [name, value]));
    expect(pod.terminationGracePeriodSeconds * 1_000).toBeGreaterThan(
      Number(env['HEADGATE_PRE_STOP_MS']) + Number(env['HEADGATE_DRAIN_TIMEOUT_MS']),
    );
    expect(one(all, 'Deployment').spec.strategy).toEqual({ type: 'Recreate' });
    expect(one(rendered({}), 'Deployment').spec.strategy.type).toBe('RollingUpdate');
    // Selectors that find each other.
    const labels = one(all, 'Deployment').spec.template.metadata.labels;
    for (const selector of [
      one(all, 'Service').spec.selector,
      one(all, 'PodDisruptionBudget').spec.selector.matchLabels,
      one(all, 'NetworkPolicy').spec.podSelector.matchLabels,
    ])
      expect(labels).toMatchObject(selector);
  });

  it('gives the gateway a configuration and variables that it takes', () => {
    const all = rendered(EVERYTHING);
    const file = path.join(folder, 'headgate.yaml');
    writeFileSync(file, one(all, 'ConfigMap').data['headgate.yaml']);
    const { env } = one(all, 'Deployment').spec.template.spec.containers[0];
    const { config } = loadConfig({
      env: {
        ...Object.fromEntries(env.map(({ name, value }: Manifest) => [name, value])),
        HEADGATE_CONFIG: file,
        OPENAI_API_KEY: 'sk-anything-0001',
        HEADGATE_API_KEYS: 'a-key-of-16-or-more',
      },
      cwd: folder,
      cores: 2,
    });
    expect(config.providers.map(({ name }) => name)).toEqual(['openai']);
    expect(config.server.preStopMs).toBe(10_000);
  });
});

it.skipIf(lacking !== '')('the Terraform example is HCL, and gives the chart values that it has', () => {
  const said = run(
    'python3',
    [
      '-c',
      'import hcl2, json, sys; print(json.dumps(hcl2.load(open(sys.argv[1]))))',
      path.join(deploy, 'terraform/main.tf'),
    ],
    {
      PYTHONPATH: tools.python,
    },
  );
  const { resource, variable } = JSON.parse(said) as { resource: Manifest[]; variable: Manifest[] };
  expect(resource.map((entry) => Object.keys(entry)[0]!.replaceAll('"', ''))).toEqual([
    'kubernetes_namespace_v1',
    'kubernetes_secret_v1',
    'helm_release',
  ]);
  const text = readFileSync(path.join(deploy, 'terraform/main.tf'), 'utf8');
  const declared = variable.map((entry) => Object.keys(entry)[0]!.replaceAll('"', ''));
  for (const [, name] of text.matchAll(/\bvar\.(\w+)/g)) expect(declared).toContain(name);
  const values = parse(readFileSync(path.join(CHART, 'values.yaml'), 'utf8')) as object;
  for (const name of ['existingSecret', 'image']) expect(Object.keys(values)).toContain(name);
});

const systemd = spawnSync('systemd-analyze', ['--version']).status === 0;
it.skipIf(!systemd)('systemd takes the unit, and finds it closed enough', () => {
  const unit = path.join(folder, 'headgate.service');
  const text = readFileSync(path.join(deploy, 'systemd/headgate.service'), 'utf8');
  // Whether this machine has a Node there is not the question.
  writeFileSync(unit, text.replace('/usr/bin/node', process.execPath));
  const verified = spawnSync('systemd-analyze', ['verify', unit], { encoding: 'utf8' });
  expect([verified.status, verified.stderr]).toEqual([0, '']);
  const exposed = spawnSync('systemd-analyze', ['security', '--offline=true', '--threshold=50', unit], {
    encoding: 'utf8',
  });
  expect(exposed.status, exposed.stdout).toBe(0);
});

it('the compose file gives the gateway what it takes, and each service what it needs', () => {
  const { services, volumes } = parse(readFileSync(path.join(deploy, 'compose/compose.yaml'), 'utf8')) as {
    services: Record<string, Manifest>;
    volumes: object;
  };
  const env = Object.fromEntries(
    Object.entries(services['headgate'].environment as Record<string, string>).map(([name, value]) => [
      name,
      // As Compose fills them in: the default, or what a person gives.
      value.replace(/\$\{(\w+)(?::([-?])([^}]*))?\}/g, (_all, _name, kind, given) =>
        kind === '-' ? given : 'a-key-of-16-or-more',
      ),
    ]),
  );
  const filled = Object.fromEntries(
    Object.entries({ ...env, OPENAI_API_KEY: 'sk-anything-0001' }).filter(([, value]) => value !== ''),
  );
  const { config, admin } = loadConfig({ env: filled, cwd: folder, cores: 1 });
  expect(config.providers.map(({ name }) => name)).toContain('openai');
  expect(admin.databaseUrl).toContain('@postgres/headgate');
  for (const [name, service] of Object.entries(services)) {
    expect('image' in service || 'build' in service, name).toBe(true);
    for (const other of service.depends_on ?? []) expect(Object.keys(services)).toContain(other);
    for (const port of service.ports ?? []) expect(port).toMatch(/^\d+:\d+$/);
  }
  expect(Object.keys(volumes)).toEqual(['data', 'postgres']);
  // A drain is given the time it may take.
  const grace = Number.parseInt(services['headgate'].stop_grace_period, 10) * 1_000;
  expect(grace).toBeGreaterThan(config.server.drainTimeoutMs + config.server.preStopMs);
});
