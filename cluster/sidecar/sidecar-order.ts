// What `headgate sidecar` was told, on its way through the replacement of its process.

export const LOOPBACK = '127.0.0.1';

export interface SidecarOrder {
  readonly configFile: string | undefined;
  /** A free one of loopback: looked for by a process that is gone, since Node's server loads its cluster to listen. */
  readonly port: number;
  readonly program: string;
  readonly args: readonly string[];
  /** Variables of the environment that are for this process alone. */
  readonly added: readonly string[];
}

/** The program's words stay as they are: one argument alone may be no longer than 128 KB, all together 2 MB. */
export function packOrder({ program, args, ...ours }: SidecarOrder): string[] {
  return [JSON.stringify(ours), program, ...args];
}

/** @throws Error when it was not made by packOrder. */
export function unpackOrder([ours, program, ...args]: readonly string[]): SidecarOrder {
  if (ours === undefined || program === undefined) throw new Error('this is started by `headgate sidecar`');
  return { ...(JSON.parse(ours) as Omit<SidecarOrder, 'program' | 'args'>), program, args }; // its own, of a moment ago
}
