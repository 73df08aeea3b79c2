// resolv.conf (man 5 resolv.conf): whom to ask for names, how patiently, and what is tried behind a short name. Pure.
import { isIP } from 'node:net';

export interface ResolvConf {
  /** Addresses of name servers in the order they are asked. */
  servers: string[];
  /** Domains that are put behind short names. */
  search: string[];
  /** A name with fewer dots is a short one. */
  ndots: number;
  /** Wait for one answer of one server. */
  timeoutMs: number;
  /** Rounds over all servers. */
  attempts: number;
}

/** The manual's are 5 s and 2 rounds; a call waits for its whole connection no longer than that. */
const TIMEOUT_MS = 1_000;
const ATTEMPTS = 2;
const NDOTS = 1;
const MAX_SERVERS = 8;
const MAX_SEARCH = 32;

/** What `text` says; what it does not say has its default. Never throws. */
export function parseResolvConf(text: string): ResolvConf {
  const conf: ResolvConf = {
    servers: [],
    search: [],
    ndots: NDOTS,
    timeoutMs: TIMEOUT_MS,
    attempts: ATTEMPTS,
  };
  for (const line of text.split('\n')) {
    const [keyword, ...words] = line
      .replace(/[#;].*/s, '')
      .trim()
      .split(/\s+/);
    if (keyword === 'nameserver') addServer(conf, words[0] ?? '');
    // The last of them counts.
    else if (keyword === 'search' || keyword === 'domain')
      conf.search = words.slice(0, MAX_SEARCH).map(plain);
    else if (keyword === 'options') for (const word of words) setOption(conf, word);
  }
  conf.search = conf.search.filter((domain) => domain !== '');
  return conf;
}

/**
 * The names to ask for, in order. A name that ends with a dot is whole; one with fewer than `ndots` dots is tried behind
 * each domain first, any other by itself first. So `llm.inference` is found in Kubernetes, whose pods search
 * `<namespace>.svc.cluster.local svc.cluster.local cluster.local` with `ndots:5`.
 */
export function namesToAsk(name: string, { search, ndots }: Pick<ResolvConf, 'search' | 'ndots'>): string[] {
  if (name.endsWith('.')) return [name.slice(0, -1)];
  const behind = search.map((domain) => `${name}.${domain}`);
  const dots = name.split('.').length - 1;
  return [...new Set(dots < ndots ? [...behind, name] : [name, ...behind])];
}

function addServer(conf: ResolvConf, server: string): void {
  if (isIP(server) !== 0 && conf.servers.length < MAX_SERVERS) conf.servers.push(server);
}

function setOption(conf: ResolvConf, word: string): void {
  const [, name, digits] = /^(ndots|timeout|attempts):(\d{1,4})$/.exec(word) ?? [];
  const value = Number(digits);
  if (name === 'ndots') conf.ndots = Math.min(value, 15);
  else if (name === 'timeout') conf.timeoutMs = Math.min(Math.max(value, 1), 30) * 1_000;
  else if (name === 'attempts') conf.attempts = Math.min(Math.max(value, 1), 5);
}

function plain(domain: string): string {
  return domain.toLowerCase().replace(/^\.|\.$/g, '');
}
