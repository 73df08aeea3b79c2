// What checks that ask others need from outside.
import type { Call } from '../../contracts/call.ts';
import type { DialectName } from '../../contracts/dialect-name.ts';
import type { OperationName } from '../../contracts/operation.ts';
import type { PostJson } from './json-post.ts';

export interface InnerQuestion {
  operation: OperationName;
  dialect: DialectName;
  body: Buffer;
  timeoutMs: number;
}

export interface RemoteDeps {
  post: PostJson;
  /** ms since 1970. */
  wall(): number;
  /** A call of the gateway's own, for the caller and under the configuration of `parent`. @returns its answer's JSON text. */
  ask(parent: Call, question: InnerQuestion): Promise<string>;
}
