import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { patience } from '../tests/kit/wait.ts';

const CLI = process.env['HEADGATE_TEST_PROGRAM'] ?? new URL('./cli.ts', import.meta.url).pathname;
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
    timeout: patience(15_000),
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

  it('tells of every command and option there is', () => {
    const { stdout } = headgate(['--help']);
    const known = headgate([])
      .stderr.match(/a command is needed: (.*)/)![1]!
      .split(', ');
    expect(known).toContain('models');
    for (const command of known) expect(stdout).toMatch(new RegExp(`^ {2}headgate ${command}\\b`, 'm'));
    for (const option of ['config', 'port', 'key', 'model', 'markdown', 'help', 'version'])
      expect(stdout).toMatch(new RegExp(`^ {2}(-., )?--${option}\\b`, 'm'));
  });

  it.each([['version'], ['--version'], ['-v']])('prints the version of the package on %s', (...args) => {
    const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
    expect(headgate(args)).toEqual({ status: 0, stdout: `headgate ${version}\n`, stderr: '' });
  });

  it.each<[string[], RegExp]>([
    [[], /a command is needed: start, check, doctor, models/],
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

  it.each([
    ['127.0.0.1:80', '127.0.0.1:80 is not an address of this machine (HEADGATE_HOST, server.host)'],
    ['192.0.2.1', '192.0.2.1 is not an address of this machine (HEADGATE_HOST, server.host)'],
    ['no-such-host.invalid', 'no-such-host.invalid is not an address of this machine'],
  ])('refuses the address %s, as a start would', (host, message) => {
    const env = { HEADGATE_HOST: host, HEADGATE_API_KEYS: 'team-0123456789abcdef', HEADGATE_PORT: '0' };
    for (const command of ['check', 'start']) {
      const { status, stderr } = headgate([command], env);
      expect({ command, status }).toEqual({ command, status: 1 });
      expect(stderr).toContain(message);
    }
  });

  it('notes a port that is in use, which the gateway to be reloaded may be', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const { status, stdout } = headgate(['check', '--port', String(port)]);
    server.close();
    expect(status).toBe(0);
    expect(stdout).toContain(`note: port ${port} is in use now`);
  });

  it("takes the README's own key for a good one", () => {
    const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
    const key = /HEADGATE_API_KEYS=(\S+)/.exec(readme)![1]!;
    const { status, stdout } = headgate(['check'], { HEADGATE_API_KEYS: key, HEADGATE_PORT: '0' });
    expect(status).toBe(0);
    expect(stdout).not.toContain('guessed');
    expect(readme).toContain(`api_key="${key}"`);
  });

  it('tells whose configuration a foreign one is, and what to write instead', () => {
    const litellm =
      'model_list:\n  - model_name: fast\n    litellm_params: { model: openai/gpt-4o, api_key: sk-secret-1 }\n';
    writeFileSync(join(folder, 'config.yaml'), litellm);
    writeFileSync(
      join(folder, 'config.json'),
      JSON.stringify({
        providers: { openai: { keys: [{ name: 'a', value: 'env.X', weight: 1 }] } },
        client: {},
      }),
    );
    for (const [file, gateway, advice] of [
      ['config.yaml', 'LiteLLM (`model_list`)', 'models: { NAME: { targets: [PROVIDER/MODEL] } }'],
      ['config.json', 'Bifrost', 'keys: [{ value: env.X'],
    ] as const) {
      for (const command of ['check', 'start']) {
        const { status, stderr } = headgate([command, '--config', file]);
        expect(status).toBe(1);
        expect(stderr).toContain(`${file}: this is a configuration of ${gateway}`);
        expect(stderr).toContain(advice);
        expect(stderr).not.toMatch(/unknown key|sk-secret/);
      }
    }
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

describe('headgate import', () => {
  it('prints the file of another gateway as ours, and what has no counterpart beside it', () => {
    const model = {
      model_name: 'fast',
      litellm_params: { model: 'openai/gpt-4o', api_key: 'os.environ/KEY' },
    };
    writeFileSync(join(folder, 'theirs.yaml'), JSON.stringify({ model_list: [model], callbacks: ['x'] }));
    const { status, stdout, stderr } = headgate(['import', 'litellm', 'theirs.yaml']);
    expect({ status, stderr }).toEqual({
      status: 0,
      stderr: expect.stringMatching(
        /^note: theirs\.yaml:1:\d+: callbacks: has no counterpart here and is left out\n$/,
      ),
    });
    writeFileSync(join(folder, 'headgate.yaml'), stdout);
    expect(headgate(['models'], { KEY: 'sk-of-openai' }).stdout).toContain('openai/gpt-4o');
  });

  it.each([
    [['import'], '`import` needs a gateway (litellm, bifrost) and its file'],
    [['import', 'litelm', 'x'], 'did you mean `litellm`?'],
    [['import', 'litellm', 'x', 'y'], 'takes no further words'],
  ])('%j: %s', (args, message) => {
    const { status, stderr } = headgate(args);
    expect(status).toBe(2);
    expect(stderr).toContain(message);
  });

  it('says what is wrong with a file that cannot be read', () => {
    expect(headgate(['import', 'bifrost', 'none.json'])).toMatchObject({ status: 1, stdout: '' });
  });
});
