import { describe, expect, it } from 'vitest';
import { loadConfig } from './load.ts';
import { isServiceLink } from './service-links.ts';

/** As the kubelet writes them for a Service `headgate` with two ports, and one `headgate-metrics`. */
const LINKS = {
  HEADGATE_SERVICE_HOST: '10.96.0.7',
  HEADGATE_SERVICE_PORT: '8080',
  HEADGATE_SERVICE_PORT_HTTP: '8080',
  HEADGATE_SERVICE_PORT_HTTP_METRICS: '9090',
  HEADGATE_PORT: 'tcp://10.96.0.7:8080',
  HEADGATE_PORT_8080_TCP: 'tcp://10.96.0.7:8080',
  HEADGATE_PORT_8080_TCP_PROTO: 'tcp',
  HEADGATE_PORT_8080_TCP_PORT: '8080',
  HEADGATE_PORT_8080_TCP_ADDR: '10.96.0.7',
  HEADGATE_PORT_53_UDP: 'udp://10.96.0.7:53',
  HEADGATE_METRICS_SERVICE_HOST: '10.96.0.8',
  HEADGATE_METRICS_PORT: 'tcp://10.96.0.8:9090',
  HEADGATE_METRICS_PORT_9090_TCP_ADDR: '10.96.0.8',
};

const load = (env: Record<string, string>) => loadConfig({ env, cwd: '/nonexistent', cores: 1 });

describe('variables of a Kubernetes Service', () => {
  it.each(Object.entries(LINKS))('%s=%s is one', (name, value) => {
    expect(isServiceLink(name, value)).toBe(true);
  });

  it.each([
    ['HEADGATE_PORT', '8080'],
    ['HEADGATE_PORT', 'tcp'],
    ['HEADGATE_HOST', 'tcp://10.96.0.7:8080'],
    ['HEADGATE_REDIS_URL', 'redis://h'],
    ['OTHER_PORT', 'tcp://10.96.0.7:8080'],
    ['HEADGATE_PORTS', '8080'],
  ])('%s=%s is none', (name, value) => {
    expect(isServiceLink(name, value)).toBe(false);
  });

  it('do not stop a start, and are noted once, by name', () => {
    const { config, notes } = load(LINKS);
    expect(config.server.port).toBe(8080);
    const noted = notes.filter((note) => note.includes('Service'));
    expect(noted).toEqual([
      'of a Kubernetes Service and ignored: `HEADGATE_METRICS_PORT`, `HEADGATE_METRICS_PORT_9090_TCP_ADDR`, `HEADGATE_METRICS_SERVICE_HOST` and 10 more (`enableServiceLinks: false` in the pod keeps them out)',
    ]);
    expect(notes.some((note) => note.includes('is not a variable of Headgate'))).toBe(false);
  });

  it('leave a port that is stated elsewhere, and a wrong port is still a problem', () => {
    expect(load({ ...LINKS, HEADGATE_PORT: '9000' }).config.server.port).toBe(9000);
    expect(() => load({ HEADGATE_PORT: 'http://10.96.0.7:8080' })).toThrow(/HEADGATE_PORT/);
  });
});
