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

/** One argument. */
export function packOrder(order: SidecarOrder): string {
  return JSON.stringify(order);
}

/** @throws Error when it was not made by packOrder. */
export function unpackOrder(text: string | undefined): SidecarOrder {
  if (text === undefined) throw new Error('this is started by `headgate sidecar`');
  return JSON.parse(text) as SidecarOrder; // its own, of a moment ago
}
