// Node's own HTTP, taken without `import`: a module that imports `node:http` has every export of it read, `WebSocket` too, which loads
// undici: 11 MB in every process that does, for nothing (measured: docs/performance.md). Types are imported as ever.
import type Http from 'node:http';
import type Https from 'node:https';

export function nodeHttp(): typeof Http {
  return process.getBuiltinModule('node:http');
}

/** TLS comes with it: 7 MB, for those who call it. */
export function nodeHttps(): typeof Https {
  return process.getBuiltinModule('node:https');
}
