// Loads the uWebSockets.js build that fits this Node and this C library. The only place that names the packages.
// Two builds are installed side by side because the older one has no native for Node 24+ and the newer one needs
// glibc 2.38 (docs/decisions/0001-two-uws-builds.md). Types are those of the older build, the smaller API.

import type * as UwsModule from 'uWebSockets.js';
import { createRequire } from 'node:module';

export type Uws = typeof UwsModule;

/** Bytes of request line and headers a worker accepts; read by the native when it loads. */
export const MAX_HEADER_BYTES = 16_384;

function glibcVersion(): [major: number, minor: number] {
  const report = process.report.getReport() as unknown as { header: { glibcVersionRuntime?: string } };
  const [major = 0, minor = 0] = (report.header.glibcVersionRuntime ?? '0.0').split('.').map(Number);
  return [major, minor];
}

/** Name of the package for a Node major and a glibc version, or the reason why there is none. */
export function chooseBuild(
  nodeMajor: number,
  [glibcMajor, glibcMinor]: readonly [number, number],
  platform: string,
): { name: string } | { reason: string } {
  if (nodeMajor === 22) return { name: 'uWebSockets.js' };
  if (nodeMajor === 24 || nodeMajor === 26) {
    const modern = glibcMajor > 2 || (glibcMajor === 2 && glibcMinor >= 38);
    if (platform !== 'linux' || modern) return { name: 'uWebSockets.js-next' };
    return {
      reason: `Node ${nodeMajor} needs glibc 2.38 or newer for uWebSockets.js, this system has ${glibcMajor}.${glibcMinor}: run Headgate with Node 22`,
    };
  }
  return { reason: `uWebSockets.js has no build for Node ${nodeMajor}: run Headgate with Node 22, 24 or 26` };
}

/** What `chooseBuild` says of this process. */
export function fittingBuild(): { name: string } | { reason: string } {
  const nodeMajor = Number(process.versions.node.split('.')[0]);
  // The report is slow (2.6 ms), so the reference pair does not ask for it.
  return chooseBuild(nodeMajor, nodeMajor === 22 ? [2, 27] : glibcVersion(), process.platform);
}

/**
 * Loads uWebSockets.js. Call it once per process; UWS_HTTP_MAX_HEADERS_SIZE is set here if nobody did.
 * @throws Error naming Node, glibc and the remedy when no build fits or its native is not installed.
 */
export function loadUws(): Uws {
  process.env['UWS_HTTP_MAX_HEADERS_SIZE'] ??= String(MAX_HEADER_BYTES);
  const choice = fittingBuild();
  if ('reason' in choice) throw new Error(choice.reason);
  try {
    const uws = createRequire(import.meta.url)(choice.name) as Uws & { _cfg?: (option: string) => void };
    // Answers do not say `uWebSockets: 20`. Not in its types; both builds have it.
    uws._cfg?.('silent');
    return uws;
  } catch (cause) {
    throw new Error(
      `cannot load ${choice.name} under Node ${process.versions.node} (${process.platform} ${process.arch}): ` +
        'npm must have run under the same Node major; run scripts/start, or `npm ci` again with this Node',
      { cause },
    );
  }
}
