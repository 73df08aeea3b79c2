import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';

const MODULE = new URL('./thread-priority.ts', import.meta.url).href;

/** Nice values of the threads of a process that runs `script`, by name and place. */
function prioritiesOf(script: string): { own: number; libuv: number[]; others: number[] } {
  const program = `
    import { promises, readdirSync, readFileSync } from 'node:fs';
    import { getPriority } from 'node:os';
    import { Worker } from 'node:worker_threads';
    import { calmHelpers, calmThisThread } from '${MODULE}';
    await promises.stat('/'); // starts libuv's threads
    ${script}
    const found = { own: getPriority(process.pid), libuv: [], others: [] };
    for (const thread of readdirSync('/proc/self/task').map(Number)) {
      if (thread === process.pid) continue;
      const name = readFileSync('/proc/self/task/' + thread + '/comm', 'utf8').trim();
      (name === 'libuv-worker' ? found.libuv : found.others).push(getPriority(thread));
    }
    console.log(JSON.stringify(found));
    process.exit(0);`;
  const flags = ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', program];
  const { stdout, stderr } = spawnSync(process.execPath, flags, { encoding: 'utf8' });
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout);
}

describe.runIf(process.platform === 'linux')('on a full core', () => {
  it("V8's threads give way, the event loop and what calls wait for do not", () => {
    const { own, libuv, others } = prioritiesOf('calmHelpers();');
    expect(own).toBe(0);
    expect(libuv.length).toBeGreaterThan(0);
    expect(new Set(libuv)).toEqual(new Set([0]));
    expect(others.length).toBeGreaterThan(0);
    expect(new Set(others)).toEqual(new Set([10]));
  });

  it('a thread for bodies gives way alone', () => {
    const thread = `
      import { parentPort } from 'node:worker_threads';
      import { calmThisThread } from '${MODULE}';
      calmThisThread();
      parentPort.postMessage('calm');
      setInterval(() => {}, 1000);`;
    const { own, others } = prioritiesOf(`
      const thread = new Worker(new URL('data:text/javascript,${encodeURIComponent(thread).replaceAll("'", '%27')}'));
      await new Promise((resolve) => thread.once('message', resolve));`);
    expect(own).toBe(0);
    expect(others.filter((nice) => nice === 5)).toHaveLength(1);
  });
});
