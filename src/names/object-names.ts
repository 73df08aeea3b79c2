// How vendors name the objects that they keep for a key: ids that say their kind (`file-1`, `vs_1`), and Google's names of resources
// (`files/1`, also at the end of an address). Where in paths, requests and answers such names stand. Pure.
import { HOLDING_MEMBERS, NAMING_MEMBERS } from '../contracts/naming-members.ts';
import { isObject } from '../dialects/read.ts';

/** Kinds of ids that say of what they are. */
const KINDS_OF_IDS =
  'file|batch|msgbatch|video|vid|char|container|cntr|vs|upload|asst|thread|ftjob|eval|skill|voice|cons|agent|vault|vlt|env|sesn|memstore|depl|uprof|cthr|cksess|rtc|live';
/** The same, with turns: of those that a request builds on, others look after them. */
const ID = new RegExp(`^(?:${KINDS_OF_IDS}|resp|conv|chatcmpl)[-_].`);
/** Kinds of Google's resources that belong to who made them. */
const KINDS =
  'files|generatedFiles|batches|operations|cachedContents|fileSearchStores|batchPredictionJobs|tuningJobs|tunedModels|corpora|ragCorpora|environments|triggers';
/** Others whose ids need not say what they are. */
const MORE_KINDS =
  'videos|characters|containers|vector_stores|uploads|responses|conversations|interactions|assistants|threads|evals|skills|datasets|embed-jobs|jobs|libraries|agents|connectors|finetuned-models|voices|voice_consents|sessions|vaults|calls|permissions|prompts|memory_stores|deployments|deployment_runs|dreams|user_profiles|automations|templates|webhooks|webhook_endpoints|credentials|evaluation';
// Azure reads capitals as well. The next of them may begin with the slash that ends one (`agents/sessions/s-1`).
const BELOW = new RegExp(`/(?:${KINDS}|${MORE_KINDS}|async/(?:chat/completions|sonar))(?=/([^/:?#]+))`, 'gi');
const RESOURCE = new RegExp(`(?:^|/)((?:${KINDS})/[^/:?#]+)`);

/** Those of them, and others, that are known by what stands behind their kind: some texts say that too, and answers need not. */
const BY_ID = /(?:^|\/)(?:environments|triggers|agents|credentials|webhooks)\/([^/:?#]+)/;

/** What AWS does later, wherever its ARN stands; in lists, paths and answers it is known by what stands behind the account. */
const ARN = /arn:aws[\w-]*:bedrock:[^:/]*:\d*:((?:async-invoke|model-invocation-job)\/[^/:?#]+)/;
/** Paths below which nothing but such an ARN names anything, encoded or not. */
const BELOW_ARNS = /^\/?(async-invoke|model-invocation-job)\/(.+?)(?:\/stop)?$/;

/** What stands below collections and is none of theirs. */
const WORDS: ReadonlySet<string> = new Set([
  'compact',
  'input_tokens',
  'characters',
  'edits',
  'generations',
  'extensions',
  'completions',
  'usage',
  'sessions',
  'environments',
  'automations',
  'templates',
  'runs',
  'model-list',
]);

/** And in lines of files, which are requests that nobody else looks at. */
const IN_LINES = [
  ...NAMING_MEMBERS,
  'previous_response_id',
  'previous_interaction_id',
  'conversation',
  'input_file_id',
] as const;
/** And in what is forwarded by a provider's own path: there is nothing else that looks after them. */
const IN_FORWARDED = [
  ...IN_LINES,
  'input_files',
  'file_?[nN]ame',
  'operation_?[nN]ame',
  'batch_ids?',
  'upload_id',
  'file_?[sS]earch_?[sS]tore_?[nN]ames?',
  'conversation_ids?',
  'thread_id',
  'assistant_id',
  'agent',
  'base_agent',
  'agents',
  'agent_ids?',
  'handoffs',
  'library_ids?',
  'connector_ids?',
  '(?:input_)?dataset_id',
  'environment',
  'from_environment',
  'environment_(?:template_)?ids?',
  'credential',
  'credential_ids?',
  'vault_ids?',
  'session_ids?',
  'memory_store_ids?',
  'deployment_ids?',
  'user_profile_ids?',
] as const;

/** Where a text stands, which says what members of it may name something. `lines`: in a file, or a list of requests. */
export type NamesIn = 'request' | 'lines' | 'forwarded';

/** A text as its slashes may be written: many an encoder puts a backslash before each. */
const TEXT = '"([^"\\\\]*(?:\\\\/[^"\\\\]*)*)"';
// The quote that ends one is left where it is: in what is no JSON it may begin the name of the next.
const VALUE = `${TEXT.slice(0, -1)}(?=")|\\[([^\\]]*)\\]?`;
/** Google's names of resources at the end of an address, their slashes as above. */
const ADDRESS = `[^"]*(?:${KINDS})\\\\?/[^"\\\\]+`;
/** Ids of vendors that say nothing by them. */
const NUMBERED = '(?:urn:uuid:)?\\{?[\\da-fA-F]{8}-?(?:[\\da-fA-F]{4}-?){3}[\\da-fA-F]{12}\\}?';
const IS_NUMBERED = new RegExp(`^${NUMBERED}$`, 'i');
/** Ids that stand in objects; those that are everybody's are none. */
const holdersOf = (kinds: string): string =>
  `"(?:${HOLDING_MEMBERS.join('|')})"\\s*:\\s*"((?:${kinds})[-_][^"\\\\]+|${NUMBERED}|${ADDRESS})"` +
  `|"id"\\s*:\\s*"((?:${kinds})[-_][^"\\\\]*)"`;
const KINDS_OF_TURNS = `${KINDS_OF_IDS}|conv`;
const membersOf = (names: readonly string[], kinds: string): RegExp =>
  new RegExp(`"(?:${names.join('|')})"\\s*:\\s*(?:${VALUE})|${holdersOf(kinds)}`, 'g');
/** Without any of these there is nothing to be found: most of what is put up is no JSON at all. */
const haveOf = (names: readonly string[]): RegExp =>
  new RegExp(`"(?:${[...names, ...HOLDING_MEMBERS, 'id'].join('|')})"`);
/** A list of them that goes on behind the end of a text. */
const openOf = (names: readonly string[]): RegExp => new RegExp(`"(?:${names.join('|')})":\\[([^\\]]*)$`);
const patternsOf = (names: readonly string[], kinds: string) => ({
  named: membersOf(names, kinds),
  have: haveOf(names),
  open: openOf(names),
});
const PATTERNS: Readonly<Record<NamesIn, ReturnType<typeof patternsOf>>> = {
  request: patternsOf(NAMING_MEMBERS, KINDS_OF_IDS),
  lines: patternsOf(IN_LINES, KINDS_OF_TURNS),
  forwarded: patternsOf(IN_FORWARDED, KINDS_OF_TURNS),
};
/** Fields of forms, by the last of their names that is a word: `input_reference[file_id]`, `video[id]`, `file_ids[]`. */
const FIELD = new RegExp(`^(?:${[...IN_FORWARDED, ...HOLDING_MEMBERS, 'id'].join('|')})$`);

/** What an object is known by: Google's by its name, wherever that stands; any other by its id. */
export function objectKey(text: string): string {
  return ARN.exec(text)?.[1] ?? RESOURCE.exec(text)?.[1] ?? text;
}

/** Whatever a text that names an object may be known by. */
function keysOf(text: string): string[] {
  const inner = BY_ID.exec(text)?.[1];
  return inner === undefined ? [objectKey(text)] : [objectKey(text), inner];
}

/** Objects that a path at a provider may name, outermost first. @param path as its client wrote it. */
export function objectsInPath(path: string): string[] {
  const written = path.split('?', 1)[0]!;
  let read: string;
  try {
    read = decodeURIComponent(written);
  } catch {
    // What is no text some read as it is, and others as far as they can.
    read = written.replace(/%([\da-f]{2})/gi, letter);
  }
  const [, kind, named] = BELOW_ARNS.exec(read) ?? [];
  if (named !== undefined) return [laterNamed(kind!, named)];
  const found = new Set(read.split('/').filter((segment) => ID.test(segment)));
  const resource = RESOURCE.exec(read)?.[1];
  const last = resource?.slice(resource.indexOf('/') + 1);
  // `files/file-1` is OpenAI's, and `agents/environments/templates` names nothing.
  if (resource !== undefined && !found.has(last!) && !WORDS.has(last!)) found.add(resource);
  for (const [, id] of `/${read}`.matchAll(BELOW)) if (!WORDS.has(id!.toLowerCase())) found.add(id!);
  for (const segment of read.split('/')) if (IS_NUMBERED.test(segment)) found.add(segment);
  return [...found];
}

/** What AWS does later, as a path names it: by its ARN or the end of that, encoded once more or not. */
function laterNamed(kind: string, text: string): string {
  let name = text;
  if (name.includes('%')) {
    try {
      name = decodeURIComponent(name);
    } catch {
      // As it is written.
    }
  }
  return ARN.exec(name)?.[1] ?? `${kind}/${name.slice(name.lastIndexOf('/') + 1)}`;
}

/** Letters, digits and what else names and ids are made of, written as numbers: no encoder does so, and it is read through. */
const DISGUISED = /\\u00(2[df]|3\d|4[1-9a-f]|5[\daf]|6[1-9a-f]|7[\da])/gi;
/** Each of them begins so. */
const ESCAPE = '\\u00';

/** As objectsInText, of a whole body, however its letters are written. */
export function objectsInBody(body: Buffer | string, where: NamesIn): string[] {
  return objectsInText(undisguised(body.toString('latin1')), where);
}

/** A JSON text with such letters as they are. Quotes stay as they were written: they would end what they stand in. */
export function undisguised(text: string): string {
  return text.includes(ESCAPE) ? text.replace(DISGUISED, letter) : text;
}

function letter(_escape: string, hex: string): string {
  return String.fromCharCode(Number.parseInt(hex, 16));
}

/** Objects that a JSON text names in members which do so. */
export function objectsInText(text: string, where: NamesIn): string[] {
  const ids = new Set<string>();
  for (const [, one, list = '', held, inner] of text.matchAll(PATTERNS[where].named)) {
    const named = one ?? held ?? inner;
    for (const each of named === undefined ? betweenQuotes(list) : [named])
      for (const key of keysOf(written(each))) ids.add(key);
  }
  ids.delete('');
  return [...ids];
}

/** No id or address is nearly as long: it is what was made, and not its name. */
const MAX_ID = 4_096;

/** What stands between two quotes, whichever of them begins a text: what is no JSON hides nothing. No name begins as what parts two does. */
function betweenQuotes(list: string): string[] {
  const found: string[] = [];
  let at = list.indexOf('"');
  for (let next = list.indexOf('"', at + 1); at >= 0 && next >= 0; next = list.indexOf('"', at + 1)) {
    if (next > at + 1 && !PARTING.has(list[at + 1]!)) found.push(list.slice(at + 1, next));
    at = next;
  }
  return found;
}
const PARTING: ReadonlySet<string> = new Set([',', ':', '{', '}', ' ', '\n', '\r', '\t']);

/** Objects that a field of a form names: it is one, or a JSON text. @param name as the form has it (`file_ids[]`). */
export function objectsInField(name: string, value: string, where: NamesIn): string[] {
  if (/^\s*[{[]/.test(value)) return objectsInBody(value, where);
  const word = name.split(/[[\].]+/).findLast((part) => part !== '' && !/^\d+$/.test(part));
  const id = value.trim();
  return id !== '' && id.length <= MAX_ID && word !== undefined && FIELD.test(word) ? keysOf(id) : [];
}

/** Where in a list its client goes on: behind what may be another's. */
const PLACE = /^(?:after|before|starting_after|ending_before)(?:_id)?$|cursor|token/i;

/** Objects that values of a query may name (`?call_id=`, `?vector_store_id=`). @param query as its client wrote it, without the mark. */
export function objectsInQuery(query: string): string[] {
  if (query === '') return [];
  const values = [...new URLSearchParams(query)].flatMap(([name, value]) =>
    PLACE.test(name) ? [] : value.split(','),
  );
  return values
    .filter((value) => ID.test(value) || RESOURCE.test(value) || IS_NUMBERED.test(value))
    .flatMap(keysOf);
}

/** How its maker writes an id that is a number of 128 bits, however it is written here; null = it is none, or written so already. */
export function plainNumber(id: string): string | null {
  if (!IS_NUMBERED.test(id)) return null;
  const digits = id.replace(/^urn:uuid:|[^\da-f]/gi, '').toLowerCase();
  const plain = digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  return plain === id ? null : plain;
}

/** What a JSON string with no other escapes says. */
const written = (text: string): string => text.replaceAll('\\/', '/');

/** Whether a text has the name of such a member, whole, or letters that may be one. */
export function mayNameObjects(text: string, where: NamesIn): boolean {
  return text.includes(ESCAPE) || PATTERNS[where].have.test(text);
}

/**
 * Of a text without white space that ends within a list of such a member: how the list began, and what of its members; null = it
 * does not.
 */
export function openList(text: string, where: NamesIn): { begin: string; members: string } | null {
  // Behind the last end of a list: looking for one from every beginning takes the square of the text's length.
  const behind = text.slice(text.lastIndexOf(']') + 1);
  const found = PATTERNS[where].open.exec(behind);
  if (found === null) return null;
  const members = found[1]!;
  return { begin: found[0].slice(0, found[0].length - members.length), members };
}

/** Where Google's answers name a file that a batch or an operation made. */
const HOLDERS = ['response', 'output', 'dest'] as const;

/** Members that say what was made: files, models of one's own, threads. */
const MADE = [
  'output_file_id',
  'error_file_id',
  'output_file',
  'error_file',
  'output_dataset_id',
  'fine_tuned_model',
  'fine_tuned_model_checkpoint',
  // Of a run that begins one.
  'thread_id',
] as const;

/** Files, models and the like, that an object says were made by it. */
export function filesMadeBy(object: Readonly<Record<string, unknown>>): string[] {
  const { file, metadata } = object;
  // Of what has an id that is its caller's to fill.
  const holders =
    isObject(metadata) && nameOf(object)?.includes('/') === true ? [object, metadata] : [object];
  const made = [...MADE.map((name) => object[name]), isObject(file) ? nameOf(file) : null];
  for (const holder of holders)
    for (const name of HOLDERS) {
      const inner = holder[name];
      if (isObject(inner)) made.push(inner['responsesFile'], inner['fileName'], ...filmsIn(inner));
    }
  return made.filter((id): id is string => typeof id === 'string' && id !== '');
}

/** Films of an operation that is done are files: `{"generateVideoResponse":{"generatedSamples":[{"video":{"uri":…}}]}}`. */
function filmsIn({ generateVideoResponse: made }: Readonly<Record<string, unknown>>): string[] {
  const samples = isObject(made) ? made['generatedSamples'] : null;
  if (!Array.isArray(samples)) return [];
  const films = samples.map((sample: unknown) => (isObject(sample) ? sample['video'] : null));
  const addresses = films.map((film) => (isObject(film) ? film['uri'] : null));
  return addresses.filter((uri): uri is string => typeof uri === 'string').map(objectKey);
}

/** Members that hold what was made, where Cohere, and OpenAI for a session, answer with a holder of it. */
const WRAPPERS = ['connector', 'finetuned_model', 'batch', 'session', 'job'] as const;

/** As nameOf, of an answer that tells what was made by a request that is forwarded. */
export function nameOfMade(answer: Readonly<Record<string, unknown>>): string | null {
  const holder = WRAPPERS.find((name) => isObject(answer[name]));
  const within = holder === undefined ? null : nameOf(answer[holder] as Record<string, unknown>);
  // xAI's films are asked for by the id of the request that ordered them; in lists such ids are of what is no object.
  const ordered = answer['request_id'];
  return nameOf(answer) ?? within ?? (typeof ordered === 'string' && ordered !== '' ? ordered : null);
}

const LATER = /(?:^|\/)async\/(?:chat\/completions|sonar)\/?$/i;

/**
 * Whether a path is that of Perplexity’s chats that are answered later, by either of its names. One with the `idempotency_key` of an
 * earlier one is answered with what that began, whoever sent it.
 */
export function isAnsweredLater(path: string): boolean {
  return LATER.test(path);
}

/** The session that an answer speaks of, begun or gone on with: Perplexity's browsers, and what Together runs code in. */
export function sessionIn(answer: Readonly<Record<string, unknown>>): string | null {
  const { data } = answer;
  const session = isObject(data) ? data['session_id'] : answer['session_id'];
  return typeof session === 'string' && session !== '' ? session : null;
}

/** The id of an object, else its name where that is one of Google's, or its ARN; null = it has none. */
export function nameOf(object: Readonly<Record<string, unknown>>): string | null {
  const arn = object['invocationArn'] ?? object['jobArn'];
  if (typeof arn === 'string') return ARN.exec(arn)?.[1] ?? null;
  // Mistral's conversations, Cohere's jobs, xAI's batches and Together's evaluations have no other.
  const other = object['conversation_id'] ?? object['job_id'] ?? object['batch_id'] ?? object['workflow_id'];
  const { id = other, name } = object;
  if (typeof id === 'string' && id !== '') return BY_ID.exec(id)?.[1] ?? id;
  if (typeof name !== 'string') return null;
  const resource = RESOURCE.exec(name)?.[1];
  return BY_ID.exec(resource ?? name)?.[1] ?? resource ?? null;
}
