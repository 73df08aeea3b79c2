// NO_PROXY as curl, Go and Python read it: hosts that are reached without the proxy of the environment. Pure.
import { BlockList, isIP } from 'node:net';

/**
 * `list` holds, with commas or blanks between them: `*` (all), `host` (and all below it; a dot or `*.` in front changes
 * nothing but `*.`, which leaves the host itself out), addresses, networks (`10.0.0.0/8`), each perhaps with `:port`.
 * @param host as URLs have it. @param port of the URL or its scheme
 */
export function isExempt(list: string, host: string, port: number): boolean {
  const bare = host
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '')
    .toLowerCase();
  return list
    .toLowerCase()
    .split(/[\s,]+/)
    .some((entry) => entry !== '' && exempts(entry, bare, port));
}

function exempts(entry: string, host: string, port: number): boolean {
  if (entry === '*') return true;
  const family = isIP(host);
  if (entry.includes('/')) return family !== 0 && inNetwork(entry, host, family);
  const { name, wanted } = split(entry);
  if (wanted !== null && wanted !== port) return false;
  if (isIP(name) !== 0)
    return family === isIP(name) && inNetwork(`${name}/${family === 4 ? 32 : 128}`, host, family);
  if (family !== 0) return false;
  if (name.startsWith('*.')) return host.endsWith(name.slice(1));
  const domain = name.replace(/^\./, '').replace(/\.$/, '');
  return domain !== '' && (host === domain || host.endsWith(`.${domain}`));
}

/** An address of IPv6 has its port behind brackets only. */
function split(entry: string): { name: string; wanted: number | null } {
  const [, six, name, port] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(entry) ?? [];
  return { name: six ?? name ?? entry, wanted: port === undefined ? null : Number(port) };
}

function inNetwork(network: string, host: string, family: number): boolean {
  const [address, bits] = network.split('/') as [string, string];
  const kind = isIP(address);
  if (kind === 0 || kind !== family || !/^\d{1,3}$/.test(bits) || Number(bits) > (kind === 4 ? 32 : 128))
    return false;
  const list = new BlockList();
  const type = kind === 4 ? 'ipv4' : 'ipv6';
  list.addSubnet(address, Number(bits), type);
  return list.check(host, type);
}
