// Look-ups of a process, shared by all that connects by name: one under way per name for all its callers, a bounded
// number in all, the last good addresses while the resolver is slow or down. A name that is dead holds nothing that
// another needs. The order of the sources: addresses as they are, the hosts file, local names, name servers.
import { getServers } from 'node:dns';
import type { DnsConfig } from '../contracts/reach-config.ts';
import type { Address, Found, Names } from '../contracts/names.ts';
import { behindReads, type Deadline } from '../ipc/behind-reads.ts';
import { addressOf, isLocalName, loopback } from './address.ts';
import { parseHosts } from './hosts-file.ts';
import { LookupFault } from './lookup-fault.ts';
import { NameEntry } from './name-entry.ts';
import { type Answer, ask } from './question.ts';
import { namesToAsk, parseResolvConf, type ResolvConf } from './resolv-conf.ts';
import { WatchedFile } from './watched-file.ts';

export interface NamesOptions extends Partial<DnsConfig> {
  hostsPath?: string | undefined;
  resolvConfPath?: string | undefined;
  /** Monotonic ms. */
  now?: (() => number) | undefined;
}

/** Where nobody says otherwise. */
const LOOKUP_MS = 3_000;
/** A caller whose addresses are out of date waits so long for new ones, then takes what it has. */
const STALE_WAIT_MS = 200;
const MAX_RUNNING = 128;
const MAX_WAITING = 1_024;
const MAX_NAMES = 4_096;

const HOSTS = process.platform === 'win32' ? 'C:\\Windows\\System32\\drivers\\etc\\hosts' : '/etc/hosts';
const RESOLV_CONF = '/etc/resolv.conf';

class SharedNames implements Names {
  #config: DnsConfig;
  readonly #now: () => number;
  readonly #hosts: WatchedFile<ReadonlyMap<string, readonly Address[]>>;
  readonly #resolvConf: WatchedFile<ResolvConf>;
  readonly #entries = new Map<string, NameEntry>();
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(options: NamesOptions) {
    this.#config = { servers: options.servers ?? [], timeoutMs: options.timeoutMs ?? LOOKUP_MS };
    this.#now = options.now ?? (() => performance.now());
    this.#hosts = new WatchedFile(options.hostsPath ?? HOSTS, (text) => parseHosts(text ?? ''), this.#now);
    this.#resolvConf = new WatchedFile(
      options.resolvConfPath ?? RESOLV_CONF,
      (text) => {
        const conf = parseResolvConf(text ?? '');
        if (conf.servers.length > 0) return conf;
        // Without the file (Windows) the system says it elsewhere; a file without servers means this machine.
        return { ...conf, servers: text === null ? getServers() : ['127.0.0.1'] };
      },
      this.#now,
    );
  }

  configure(config: DnsConfig): void {
    const moved = config.servers.join() !== this.#config.servers.join();
    this.#config = config;
    if (moved) this.#entries.clear();
  }

  find(host: string): Found | Promise<Found> {
    const literal = addressOf(host);
    if (literal !== null) return complete([literal]);
    const name = host.toLowerCase();
    const plain = name.replace(/\.$/, '');
    const listed = this.#hosts.value.get(plain);
    if (isLocalName(plain)) return complete(loopback(listed));
    if (listed !== undefined) return complete(listed);
    return this.#known(name);
  }

  #known(name: string): Found | Promise<Found> {
    const now = this.#now();
    const entry = this.#entryOf(name);
    const usable = entry.usable(now);
    if (entry.settled(now)) {
      if (usable) return entry.found;
      throw entry.fault!;
    }
    if (entry.pending === null) {
      entry.pendingSince = now;
      entry.pending = this.#lookUp(name, entry);
    }
    if (!usable) return this.#whenLearnt(name, entry);
    const leftMs = entry.pendingSince + STALE_WAIT_MS - now;
    return leftMs <= 0 ? entry.found : this.#refreshed(entry, leftMs);
  }

  async #whenLearnt(name: string, entry: NameEntry): Promise<Found> {
    await entry.pending;
    if (entry.usable(this.#now())) return entry.found;
    throw entry.fault ?? new LookupFault('EAI_AGAIN', name, 'could not be looked up');
  }

  async #refreshed(entry: NameEntry, waitMs: number): Promise<Found> {
    let timer: Deadline | undefined;
    const late = new Promise<void>((resolve) => {
      timer = behindReads(waitMs, resolve);
    });
    await Promise.race([entry.pending, late]);
    timer?.clear();
    if (entry.usable(this.#now())) return entry.found;
    throw entry.fault!;
  }

  async #lookUp(name: string, entry: NameEntry): Promise<void> {
    const answer = await this.#ask(name);
    entry.learn(answer, this.#now(), (why) => faultOf(name, why));
    entry.pending = null;
  }

  async #ask(name: string): Promise<Answer> {
    const { timeoutMs } = this.#config;
    if (this.#running >= MAX_RUNNING) {
      if (this.#waiting.length >= MAX_WAITING) return { kind: 'failed', reason: 'too many look-ups wait' };
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else this.#running++;
    try {
      const conf = this.#resolvConf.value;
      const servers = this.#config.servers.length > 0 ? this.#config.servers : conf.servers;
      return await ask(namesToAsk(name, conf), { ...conf, servers, deadlineMs: timeoutMs });
    } finally {
      // Its place goes to the next that waits, or is free.
      const next = this.#waiting.shift();
      if (next === undefined) this.#running--;
      else next();
    }
  }

  #entryOf(name: string): NameEntry {
    const known = this.#entries.get(name);
    if (known !== undefined) return known;
    const entry = new NameEntry();
    if (this.#entries.size >= MAX_NAMES) {
      for (const [oldest, { pending }] of this.#entries) {
        if (pending !== null) continue;
        this.#entries.delete(oldest);
        break;
      }
    }
    this.#entries.set(name, entry);
    return entry;
  }
}

function complete(addresses: readonly Address[]): Found {
  return { addresses, complete: true, serial: 0 };
}

function faultOf(name: string, answer: Answer): LookupFault {
  return answer.kind === 'failed'
    ? new LookupFault('EAI_AGAIN', name, `could not be looked up: ${answer.reason}`)
    : new LookupFault('ENOTFOUND', name, 'does not exist');
}

/** Look-ups of this process. */
export function createNames(options: NamesOptions = {}): Names {
  return new SharedNames(options);
}
