import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const CLI = new URL('./cli.ts', import.meta.url).pathname;
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'headgate-cli-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Runs the command as a shell would, with nothing of this machine's environment but PATH. */
function headgate(args: string[], env: Record<string, string> = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...args], {
    cwd: folder,
    env: { PATH: process.env['PATH'] ?? '', ...env },
    encoding: 'utf8',
    timeout: 15_000,
  });
  return { status, stdout, stderr };
}

describe('the command line', () => {
  it.each([['--help'], ['-h'], ['help'], ['start', '--help'], ['check', '-h']])('helps on %s', (...args) => {
    const { status, stdout, stderr } = headgate(args);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    for (const word of ['Usage', 'Examples', 'HEADGATE_API_KEYS', 'Exit codes'])
      expect(stdout).toContain(word);
  });

  it.each([['version'], ['--version'], ['-v']])('prints the version of the package on %s', (...args) => {
    const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
    expect(headgate(args)).toEqual({ status: 0, stdout: `headgate ${version}\n`, stderr: '' });
  });

  it.each<[string[], RegExp]>([
    [[], /a command is needed: start, check, models/],
    [['chekc'], /unknown command `chekc`; did you mean `check`\?/],
    [['bananas'], /unknown command `bananas`\n/],
    [['check', '--confg', 'x'], /unknown option `--confg`; did you mean `--config`\?/],
    [['check', '-x'], /unknown option `-x`\n/],
    [['check', '--config'], /--config needs a value/],
    [['check', '--config='], /--config needs a value/],
    [['check', '--help=yes'], /--help takes no value/],
    [['start', '--port', 'abc'], /--port needs a number from 0 to 65535/],
    [['start', '--port', '65536'], /--port needs a number from 0 to 65535/],
    [['models', '--port', '1'], /`models` takes no --port/],
    [['check', 'twice'], /one command at a time/],
  ])('refuses %j with exit code 2 and a word of advice', (args, message) => {
    const { status, stdout, stderr } = headgate(args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(message);
    expect(stderr).toContain('Try `headgate --help`.');
  });
});

describe('headgate check', () => {
  it('takes an environment as Kubernetes and env files leave it', () => {
    const { status, stdout, stderr } = headgate(['check'], {
      HEADGATE_PORT: 'tcp://10.96.0.7:8080',
      HEADGATE_SERVICE_HOST: '10.96.0.7',
      HEADGATE_SERVICE_PORT: '8080',
      HEADGATE_WORKERS: '"3"',
      HEADGATE_LOG_LEVEL: 'WARN\r',
      HEADGATE_METRICS_KEY: 'scrape-key-0123456789',
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^listen +127\.0\.0\.1:8080$/m);
    expect(stdout).toMatch(/^processes +3 workers/m);
    expect(stdout).toMatch(/^log +warn/m);
    expect(stdout).toMatch(/^metrics +for who presents scr…6789$/m);
    expect(stdout).toMatch(/^note: of a Kubernetes Service and ignored: `HEADGATE_PORT`/m);
    expect(stdout).not.toContain('is not a variable of Headgate');
  });

  it('shows the configuration, keys cut down, and exits 0', () => {
    writeFileSync(join(folder, 'headgate.yaml'), 'models: { fast: { targets: [openai/gpt-4o] } }');
    const key = 'sk-check-0123456789abcdef';
    const { status, stdout, stderr } = headgate(['check', '--port', '9009'], {
      OPENAI_API_KEY: key,
      HEADGATE_PROT: '1',
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('listen     127.0.0.1:9009');
    expect(stdout).toContain('key-1 (sk-…cdef)');
    expect(stdout).toContain('fast  →  openai/gpt-4o');
    expect(stdout).toMatch(/note: .*`HEADGATE_PROT`.*did you mean `HEADGATE_PORT`/);
    expect(stdout).toContain('The configuration is valid.');
    expect(stdout).not.toContain(key);
  });

  it('lists every problem of file and environment and exits 1', () => {
    writeFileSync(join(folder, 'my.yaml'), 'server: { prot: 1 }\nlog: { level: loud }');
    const { status, stdout, stderr } = headgate(['check', '-c', 'my.yaml'], { HEADGATE_PORT: 'abc' });
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr.split('\n')).toEqual([
      'headgate: the configuration has 3 problems',
      '  my.yaml:1:11: server: unknown key `prot`; did you mean `port`?',
      expect.stringMatching(/^ {2}my\.yaml:2:15: log\.level: expected one of/),
      '  HEADGATE_PORT: expected a whole number from 0 to 65535, got text',
      '',
    ]);
  });

  it('says when the named file is not there', () => {
    expect(headgate(['check', '--config', 'absent.yaml'])).toMatchObject({
      status: 1,
      stderr: 'headgate: the configuration has a problem\n  absent.yaml: there is no such file\n',
    });
  });
});

describe('headgate models', () => {
  it('prints public names and where they lead', () => {
    writeFileSync(
      join(folder, 'headgate.json'),
      JSON.stringify({
        providers: { local: { dialect: 'openai-chat', baseUrl: 'http://h/v1', models: ['llama'] } },
        models: { fast: { targets: ['local/llama'] } },
      }),
    );
    expect(headgate(['models'])).toEqual({
      status: 0,
      stdout: 'fast   →  local/llama\nllama  →  local/llama\n',
      stderr: '',
    });
  });
});

describe('headgate schema', () => {
  it('prints the published schema', () => {
    const { status, stdout } = headgate(['schema']);
    expect(status).toBe(0);
    expect(stdout).toBe(readFileSync(new URL('../docs/headgate.schema.json', import.meta.url), 'utf8'));
  });

  it('prints the reference tables with --markdown', () => {
    expect(headgate(['schema', '--markdown']).stdout).toContain(
      '| `port` | 0 to 65535 | `8080` | `HEADGATE_PORT` |',
    );
  });
});

describe('headgate start', () => {
  it('with a wrong configuration ends before it listens, with exit code 1', () => {
    const { status, stderr } = headgate(['start'], { HEADGATE_PORT: 'abc' });
    expect(status).toBe(1);
    expect(stderr).toContain('HEADGATE_PORT: expected a whole number from 0 to 65535, got text');
  });
});
