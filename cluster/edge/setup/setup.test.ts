import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parse as parseToml } from 'smol-toml';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SETUP_NAMES } from './agent-files.ts';
import { createEdgeSetup, type EdgeSetup, SetupError } from './setup.ts';

const gate = { url: 'https://gate.example', key: 'hg-0123456789abcdefghijklmnop' };
const choice = { gate, subscription: false };
let home: string;
let setup: EdgeSetup;

beforeEach(() => {
  home = mkdtempSync(path.join(tmpdir(), 'headgate-setup-'));
  setup = createEdgeSetup({ home, env: {} }, path.join(home, '.headgate/edge'), () => 0);
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const at = (name: string): string => path.join(home, name);
const read = (name: string): string => readFileSync(at(name), 'utf8');
function write(name: string, text: string): void {
  mkdirSync(path.dirname(at(name)), { recursive: true });
  writeFileSync(at(name), text);
}

/** Files as people have them: comments, odd layout, keys of their own at our places. */
const THEIRS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  claude: {
    '.claude/settings.json':
      '{\n    // mine\n    "model": "opus",\n    "env": { "A": "1", "ANTHROPIC_BASE_URL": "https://old" },\n}\n',
  },
  codex: {
    '.codex/config.toml':
      '# mine\nmodel = "gpt-5"\nmodel_provider = "openai" # the usual\nnotes = """\n[model_providers.headgate]\nnot a table\n"""\n\n[model_providers.headgate]\nname = "older"\nbase_url = "http://old"\n\n[mcp_servers.docs]\ncommand = "npx"\nargs = ["-y", "docs"]\n',
  },
  gemini: {
    '.gemini/.env': '# mine\nexport GEMINI_API_KEY="AIza-mine"\nOTHER=1\n',
    '.gemini/settings.json': '{"security":{"auth":{"selectedType":"oauth-personal"}},"theme":"Dark"}',
  },
  opencode: {
    '.config/opencode/opencode.json':
      '{\r\n\t"$schema": "https://opencode.ai/config.json",\r\n\t"provider": {\r\n\t\t"openai": { "options": { "timeout": 1 } } // slow\r\n\t}\r\n}\r\n',
  },
  crush: { '.config/crush/crush.json': '{ "lsp": {} }' },
  aider: { '.aider.conf.yml': '# mine\nmodel: sonnet   # good\nopenai-api-key: sk-mine\n' },
};

describe.each(SETUP_NAMES)('%s', (agent) => {
  const theirs = THEIRS[agent]!;
  const files = Object.keys(theirs);

  it('is set up over files of its own, and undone to the byte', () => {
    for (const [name, text] of Object.entries(theirs)) write(name, text);
    const work = setup.setup(agent, choice);
    for (const name of files) expect(read(name)).toBe(theirs[name]);
    work.carryOut();
    expect(files.map(read).join('\n')).toContain(gate.url);
    expect(files.map(read).join('\n')).toContain(gate.key);
    expect(setup.state(agent)).toEqual({ kind: 'set', gate: gate.url, subscription: false });
    setup.undo(agent).carryOut();
    for (const name of files) expect(read(name)).toBe(theirs[name]);
    expect(setup.state(agent)).toEqual({ kind: 'none' });
    expect(setup.undo(agent).diff).toBe('');
  });

  it('is set up without files, and leaves none', () => {
    setup.setup(agent, choice).carryOut();
    for (const name of files) expect(statSync(at(name)).mode & 0o777).toBe(0o600);
    setup.undo(agent).carryOut();
    for (const name of files) expect(existsSync(at(name)), name).toBe(false);
  });

  it('changes nothing when it is set up once more, and is still undone to the byte', () => {
    for (const [name, text] of Object.entries(theirs)) write(name, text);
    setup.setup(agent, choice).carryOut();
    const after = files.map(read);
    const again = setup.setup(agent, choice);
    expect(again.diff).toBe('');
    again.carryOut();
    expect(files.map(read)).toEqual(after);
    const other = {
      gate: { url: 'https://other.example', key: 'hg-zyxwvutsrqponmlkjihgfedcba' },
      subscription: false,
    };
    setup.setup(agent, other).carryOut();
    expect(files.map(read).join('')).not.toContain(gate.url);
    setup.undo(agent).carryOut();
    for (const name of files) expect(read(name)).toBe(theirs[name]);
  });

  it('shows the change without its key', () => {
    for (const [name, text] of Object.entries(theirs)) write(name, text);
    const work = setup.setup(agent, choice);
    expect(work.diff).toContain(gate.url);
    expect(work.diff).not.toContain(gate.key);
    work.carryOut();
    expect(setup.undo(agent).diff).toMatch(/^- /m);
    expect(setup.undo(agent).diff).not.toContain(gate.key);
  });
});

describe('what somebody changed since', () => {
  it('stays, and ours goes: JSON', () => {
    write('.claude/settings.json', THEIRS['claude']!['.claude/settings.json']!);
    setup.setup('claude', choice).carryOut();
    write('.claude/settings.json', read('.claude/settings.json').replace('"opus"', '"haiku"'));
    setup.undo('claude').carryOut();
    const text = read('.claude/settings.json');
    expect(text).toContain('// mine');
    expect(text).toContain('"haiku"');
    expect(text).toContain('"ANTHROPIC_BASE_URL": "https://old"');
    expect(text).not.toContain('TOKEN');
  });

  it('stays, and ours goes: TOML', () => {
    write('.codex/config.toml', THEIRS['codex']!['.codex/config.toml']!);
    setup.setup('codex', choice).carryOut();
    expect(parseToml(read('.codex/config.toml'))).toMatchObject({
      model_provider: 'headgate',
      model_providers: { headgate: { base_url: 'https://gate.example/v1' } },
      mcp_servers: { docs: { command: 'npx' } },
    });
    write('.codex/config.toml', `${read('.codex/config.toml')}\n[profiles.fast]\nmodel = "x"\n`);
    setup.undo('codex').carryOut();
    const text = read('.codex/config.toml');
    expect(text).toContain('model_provider = "openai" # the usual');
    expect(text).toContain('name = "older"');
    expect(text).toContain('[profiles.fast]');
    expect(text).not.toContain(gate.url);
  });

  it('a value of ours that was changed is not ours any more', () => {
    setup.setup('gemini', choice).carryOut();
    write('.gemini/.env', `GOOGLE_GEMINI_BASE_URL=https://elsewhere\nGEMINI_API_KEY=${gate.key}\n`);
    expect(setup.state('gemini')).toMatchObject({ kind: 'changed', files: [at('.gemini/.env')] });
    setup.undo('gemini').carryOut();
    expect(read('.gemini/.env')).toBe('GOOGLE_GEMINI_BASE_URL=https://elsewhere\n');
  });

  it('a file that is gone stays gone', () => {
    setup.setup('claude', choice).carryOut();
    rmSync(at('.claude/settings.json'));
    setup.undo('claude').carryOut();
    expect(existsSync(at('.claude/settings.json'))).toBe(false);
    expect(setup.state('claude')).toEqual({ kind: 'none' });
  });
});

it.each([
  ['claude', '.claude/settings.json', '{"env":'],
  ['claude', '.claude/settings.json', '[]'],
  ['codex', '.codex/config.toml', 'a = = 1'],
  ['codex', '.codex/config.toml', 'model_providers = { headgate = { name = "inline" } }\n'],
])('%s: a file that cannot be understood is not touched (%s %s)', (agent, name, text) => {
  write(name, text);
  expect(() => setup.setup(agent, choice)).toThrow(SetupError);
  expect(read(name)).toBe(text);
});

it('follows a link and keeps the mode', () => {
  write('dotfiles/claude.json', '{}');
  chmodSync(at('dotfiles/claude.json'), 0o640);
  mkdirSync(at('.claude'));
  symlinkSync(at('dotfiles/claude.json'), at('.claude/settings.json'));
  setup.setup('claude', choice).carryOut();
  expect(read('dotfiles/claude.json')).toContain(gate.url);
  expect(statSync(at('dotfiles/claude.json')).mode & 0o777).toBe(0o640);
  setup.undo('claude').carryOut();
  expect(read('dotfiles/claude.json')).toBe('{}');
});

it('with a subscription the vendor’s credential keeps its place', () => {
  setup.setup('claude', { gate, subscription: true }).carryOut();
  const { env } = JSON.parse(read('.claude/settings.json')) as { env: Record<string, string> };
  expect(env).toEqual({
    ANTHROPIC_BASE_URL: gate.url,
    ANTHROPIC_CUSTOM_HEADERS: `x-headgate-key: ${gate.key}`,
  });
  setup.setup('codex', { gate, subscription: true }).carryOut();
  expect(parseToml(read('.codex/config.toml'))['model_providers']).toMatchObject({
    headgate: { requires_openai_auth: true, http_headers: { 'x-headgate-key': gate.key } },
  });
  expect(() => setup.setup('gemini', { gate, subscription: true })).toThrow(SetupError);
});
