// The operations Headgate serves, as an explicit list: adding one is a record, its routes and codecs, and a line here.
import type { Operation, OperationName } from '../contracts/operation.ts';
import { chat } from '../operations/chat.ts';
import { embeddings } from '../operations/embeddings.ts';
import { moderation } from '../operations/moderation.ts';
import { rerank } from '../operations/rerank.ts';
import { tokenCount } from '../operations/token-count.ts';

/** Every operation by its name. */
export const operations: Readonly<Record<OperationName, Operation>> = {
  chat,
  'token-count': tokenCount,
  embeddings,
  rerank,
  moderation,
};
