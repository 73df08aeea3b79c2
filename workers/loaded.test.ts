// What a worker loads decides how fast it is: drivers take their time, and one that extends String makes each method of each text
// slow in the whole process (src/redis/string-methods.ts).
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

/** Modules that its entry imports at once. */
const imports = [
  ...readFileSync(new URL('./main.ts', import.meta.url), 'utf8').matchAll(
    /^import (?!type).* from '(\..+)';$/gm,
  ),
].map(([, path]) => new URL(path!, import.meta.url).href);

/** Loads them in a process of its own. */
async function load(modules: readonly string[], then = ''): Promise<{ fast: boolean; drivers: string[] }> {
  const script = `
    import { registerHooks } from 'node:module';
    const drivers = new Set();
    registerHooks({
      load(url, context, next) {
        const driver = /node_modules\\/(ioredis|pg|piscina)\\//.exec(url);
        if (driver !== null) drivers.add(driver[1]);
        return next(url, context);
      },
    });
    const modules = [];
    for (const url of ${JSON.stringify(modules)}) modules.push(await import(url));
    ${then}
    const fast = new Function('return %HasFastProperties(String.prototype)')();
    console.log(JSON.stringify({ fast, drivers: [...drivers] }));
    process.exit(0);
  `;
  const flags = ['--allow-natives-syntax', '--disable-warning=ExperimentalWarning', '--input-type=module'];
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, '-e', script]);
  return JSON.parse(stdout) as Awaited<ReturnType<typeof load>>;
}

it('loads no driver that nobody asked for, and leaves the methods of texts fast', async () => {
  expect(imports.length).toBeGreaterThan(20);
  const { fast, drivers } = await load(imports);
  expect(drivers).not.toContain('ioredis');
  expect(drivers).not.toContain('pg');
  expect(fast).toBe(true);
});

it('has fast methods of texts behind the first client of Redis, too', async () => {
  const client = new URL('../src/redis/client.ts', import.meta.url).href;
  expect((await load([client])).fast, 'the driver has mended it: src/redis/string-methods.ts can go').toBe(
    false,
  );
  const urls = new URL('../src/config/redis-url.ts', import.meta.url).href;
  const made = `
    const options = { commandTimeoutMs: 9, socketTimeoutMs: 9, connectTimeoutMs: 9, maxReconnectMs: 9 };
    const events = { ready() {}, down() {}, error() {} };
    modules[0].createRedisClient(modules[1].parseRedisUrl('redis://127.0.0.1:1'), [], events, options);`;
  expect((await load([client, urls], made)).fast).toBe(true);
});
