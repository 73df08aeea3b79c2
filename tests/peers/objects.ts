// What the upstream of the SDKs' own tests says of objects, sound and pictures: every member that their types require.
import { furtherObject } from './further-objects.ts';

const AT = 1_760_000_000;
const DATE = '2026-01-01T00:00:00Z';

const FILE = {
  id: 'file',
  object: 'file',
  bytes: 1,
  created_at: AT,
  filename: 'a.jsonl',
  purpose: 'batch',
  status: 'processed',
};
const BATCH = {
  id: 'batch',
  object: 'batch',
  completion_window: '24h',
  created_at: AT,
  endpoint: '/v1/chat/completions',
  input_file_id: 'file',
  status: 'validating',
};
const VIDEO = {
  id: 'video',
  object: 'video',
  created_at: AT,
  model: 'sora-2',
  progress: 0,
  seconds: '4',
  size: '720x1280',
  status: 'queued',
};
const CLAUDE_FILE = {
  id: 'file',
  type: 'file',
  created_at: DATE,
  filename: 'a.txt',
  mime_type: 'text/plain',
  size_bytes: 1,
};
const CLAUDE_BATCH = {
  id: 'msgbatch',
  type: 'message_batch',
  archived_at: null,
  cancel_initiated_at: null,
  created_at: DATE,
  ended_at: null,
  expires_at: DATE,
  processing_status: 'in_progress',
  request_counts: { canceled: 0, errored: 0, expired: 0, processing: 1, succeeded: 0 },
  results_url: null,
};
const page = (one: { id: string }) => ({
  object: 'list',
  data: [one],
  has_more: false,
  first_id: one.id,
  last_id: one.id,
});

const CONVERSATION = { id: 'conv_123', object: 'conversation', created_at: AT, metadata: {} };
const ITEM = {
  id: 'msg_abc',
  type: 'message',
  role: 'user',
  status: 'completed',
  content: [{ type: 'input_text', text: 'Hello' }],
};
const SECRET = {
  value: 'ek_1',
  expires_at: AT,
  session: { id: 'sess_1', object: 'realtime.session', type: 'realtime' },
};
const TRANSLATION_SECRET = {
  ...SECRET,
  session: { id: 'sess_1', type: 'translation', model: 'made-up', expires_at: AT, audio: {} },
};
const EMBEDDINGS = {
  object: 'list',
  model: 'made-up',
  data: [{ object: 'embedding', index: 0, embedding: [0.5, -0.5] }],
  usage: { prompt_tokens: 1, total_tokens: 1 },
};
const KINDS = [
  'harassment',
  'harassment/threatening',
  'hate',
  'hate/threatening',
  'illicit',
  'illicit/violent',
  'self-harm',
  'self-harm/instructions',
  'self-harm/intent',
  'sexual',
  'sexual/minors',
  'violence',
  'violence/graphic',
];
const ofKinds = <T>(value: (kind: string) => T) =>
  Object.fromEntries(KINDS.map((kind) => [kind, value(kind)]));
const PICTURED = ['self-harm', 'sexual', 'violence'];
const MODERATION = {
  id: 'modr_1',
  model: 'made-up',
  results: [
    {
      flagged: false,
      categories: ofKinds(() => false),
      category_scores: ofKinds(() => 0.01),
      category_applied_input_types: ofKinds((kind) =>
        PICTURED.some((begin) => kind.startsWith(begin)) && kind !== 'sexual/minors'
          ? ['text', 'image']
          : ['text'],
      ),
    },
  ],
};
const DECISION = {
  id: 'dec_1',
  object: 'decision',
  created_at: AT,
  model: 'made-up',
  answers: [{ type: 'predicate', name: null, probability: 0.5 }],
  usage: {
    input_tokens: 1,
    input_tokens_details: { cached_tokens: 0, cache_write_tokens: 0 },
    output_tokens: 1,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: 2,
  },
};

const COUNTS = { cancelled: 0, completed: 1, failed: 0, in_progress: 0, total: 1 };
const STORE = {
  id: 'vs_1',
  object: 'vector_store',
  created_at: AT,
  file_counts: COUNTS,
  last_active_at: AT,
  metadata: {},
  name: 'x',
  status: 'completed',
  usage_bytes: 1,
};
const STORE_FILE = {
  id: 'file-1',
  object: 'vector_store.file',
  created_at: AT,
  last_error: null,
  status: 'completed',
  usage_bytes: 1,
  vector_store_id: 'vs_1',
};
const STORE_FILES = {
  id: 'vsfb_1',
  object: 'vector_store.files_batch',
  created_at: AT,
  file_counts: COUNTS,
  status: 'completed',
  vector_store_id: 'vs_1',
};
const CONTAINER = { id: 'cntr_1', object: 'container', created_at: AT, name: 'x', status: 'running' };
const CONTAINER_FILE = {
  id: 'cfile_1',
  object: 'container.file',
  bytes: 1,
  container_id: 'cntr_1',
  created_at: AT,
  path: '/a',
  source: 'user',
};
const UPLOAD = {
  id: 'upload_1',
  object: 'upload',
  bytes: 1,
  created_at: AT,
  expires_at: AT,
  filename: 'a',
  purpose: 'batch',
  status: 'pending',
};
const UPLOAD_PART = { id: 'part_1', object: 'upload.part', created_at: AT, upload_id: 'upload_1' };
const PICTURE = { created: AT, data: [{ b64_json: 'AA==' }] };

/** What a provider says of a vector store, of its files and of batches of those. */
function vectorStore(method: string, rest: string): object {
  const [, what = '', item, below = ''] = rest.split('/');
  if (what === 'search')
    return {
      object: 'vector_store.search_results.page',
      search_query: ['x'],
      data: [
        {
          attributes: {},
          content: [{ type: 'text', text: 'x' }],
          file_id: 'file-1',
          filename: 'a',
          score: 1,
        },
      ],
      has_more: false,
      next_page: null,
    };
  if (below === 'content')
    return {
      object: 'vector_store.file_content.page',
      data: [{ type: 'text', text: 'x' }],
      has_more: false,
      next_page: null,
    };
  if (what === 'file_batches') return below === 'files' ? page(STORE_FILE) : STORE_FILES;
  const one = what === 'files' ? STORE_FILE : STORE;
  if (method === 'DELETE') return { id: one.id, object: `${one.object}.deleted`, deleted: true };
  return method === 'GET' && (rest === '' || (what === 'files' && item === undefined)) ? page(one) : one;
}

function container(method: string, rest: string): object {
  const [, what = '', item] = rest.split('/');
  const one = what === 'files' ? CONTAINER_FILE : CONTAINER;
  return method === 'GET' && (rest === '' || (what === 'files' && item === undefined)) ? page(one) : one;
}

/** What a provider says of conversations that it keeps itself. */
function conversation(method: string, rest: string): object {
  const [, what, item] = rest.split('/');
  if (what !== 'items')
    return method === 'DELETE'
      ? { id: 'conv_123', object: 'conversation.deleted', deleted: true }
      : CONVERSATION;
  if (item !== undefined) return method === 'DELETE' ? CONVERSATION : ITEM;
  return page(ITEM);
}

/** @returns the answer to a request that is none of a conversation; null = there is none. */
export function objectAt(method: string, path: string, anthropic: boolean): object | null {
  const [, kind = '', rest = ''] = /^\/v1\/(messages\/batches|[a-z_]+)\/?(.*)$/.exec(path) ?? [];
  const gone = method === 'DELETE';
  const further = furtherObject(method, kind, rest, anthropic);
  if (further !== null) return further;
  switch (kind) {
    case 'audio':
      return { text: 'Hello' };
    case 'images':
      return PICTURE;
    case 'vector_stores':
      return vectorStore(method, rest);
    case 'containers':
      return container(method, rest);
    case 'uploads':
      return rest.endsWith('/parts') ? UPLOAD_PART : UPLOAD;
    case 'files':
      if (anthropic) return gone ? { id: 'file', type: 'file_deleted' } : listed(CLAUDE_FILE, method, rest);
      return gone ? { id: 'file', object: 'file', deleted: true } : listed(FILE, method, rest);
    case 'batches':
      return listed(BATCH, method, rest);
    case 'videos':
      if (rest.startsWith('characters')) return { id: 'character', created_at: AT, name: 'x' };
      return gone ? { id: 'video', object: 'video.deleted', deleted: true } : listed(VIDEO, method, rest);
    case 'conversations':
      return conversation(method, rest);
    case 'realtime':
      return rest.startsWith('translations') ? TRANSLATION_SECRET : SECRET;
    case 'embeddings':
      return EMBEDDINGS;
    case 'moderations':
      return MODERATION;
    case 'decisions':
      return DECISION;
    case 'messages/batches':
      return gone ? { id: 'msgbatch', type: 'message_batch_deleted' } : listed(CLAUDE_BATCH, method, rest);
    default:
      return null;
  }
}

function listed(one: { id: string }, method: string, rest: string): object {
  return method === 'GET' && rest === '' ? page(one) : one;
}
