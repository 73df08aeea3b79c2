// What devices at the edge and the centre tell each other, and what administrators decide of them.

export const EDGE_STATES = ['pending', 'approved', 'denied'] as const;
/** `pending`: nobody has decided; the policy says what holds until somebody does. */
export type EdgeState = (typeof EDGE_STATES)[number];

export const EDGE_DECISIONS = ['allow', 'block'] as const;
export type EdgeDecision = (typeof EDGE_DECISIONS)[number];

export const EDGE_ITEM_TYPES = ['app', 'server'] as const;
/** `app`: a program that speaks to models. `server`: an MCP server that such a program is told of. */
export type EdgeItemType = (typeof EDGE_ITEM_TYPES)[number];

export const EDGE_TRANSPORTS = ['', 'stdio', 'http', 'sse'] as const;

/** Something found on a device. */
export interface EdgeFinding {
  readonly type: EdgeItemType;
  /** Of an app which it is (`claude`); of a server its address, or its command with arguments, secrets taken out. */
  readonly target: string;
  /** What it is called there: of a server the names that apps know it by. */
  readonly names: readonly string[];
  /** Of a server; '' = it is an app. */
  readonly transport: (typeof EDGE_TRANSPORTS)[number];
  /** '' = not known. */
  readonly version: string;
  /** Of a server: apps that are told of it. Of an app: files that it was found by. */
  readonly sources: readonly string[];
}

/** What was decided of a finding. */
export interface EdgeVerdict {
  readonly type: EdgeItemType;
  readonly target: string;
  readonly state: EdgeState;
  readonly decision: EdgeDecision;
  /** Why, in the words of who decided; '' = none. */
  readonly note: string;
}

export interface EdgeRoute {
  /** Beginning of a path at the vendor, `/v1/`. */
  readonly path: string;
  /** What stands in its place at the gate. */
  readonly to: string;
}

/** A host of a vendor's whose connections the edge opens, in its mode as a proxy. */
export interface EdgeHost {
  readonly host: string;
  /** Which paths go to the gate; all others are `other`. */
  readonly routes: readonly EdgeRoute[];
  /** `pass`: to the vendor as they come. `block`: refused. */
  readonly other: 'pass' | 'block';
}

/** What holds for all devices. */
export interface EdgePolicy {
  readonly pendingDevices: EdgeDecision;
  readonly pendingApps: EdgeDecision;
  readonly pendingServers: EdgeDecision;
  /** How often devices ask. */
  readonly refreshSeconds: number;
  /** Devices may ask a gate on their own machine while the centre cannot be reached. */
  readonly fallback: boolean;
  readonly intercept: { readonly enabled: boolean; readonly hosts: readonly EdgeHost[] };
}

/** What a device is told when it asks. */
export interface EdgeOrders {
  readonly device: { readonly id: string; readonly name: string; readonly state: EdgeState };
  /** Of the device itself. */
  readonly decision: EdgeDecision;
  /** Of all that it reported. */
  readonly verdicts: readonly EdgeVerdict[];
  readonly policy: EdgePolicy;
}

export const EDGE_OUTCOMES = ['blocked', 'fallback', 'failed'] as const;

/** What the edge did with a request that the centre does not know of, or with any that it kept from going there. */
export interface EdgeEvent {
  /** A name of its own, by which it is told apart from others. */
  readonly id: string;
  /** When the request ended, ms since 1970. */
  readonly at: number;
  /** `blocked`: refused here. `fallback`: answered by the gate on this machine. `failed`: the centre could not be reached. */
  readonly outcome: (typeof EDGE_OUTCOMES)[number];
  /** '' = not known which. */
  readonly app: string;
  /** What it was refused for: `device`, `app:claude`, `server:github`, `host:…`; '' = it was not. */
  readonly reason: string;
  readonly method: string;
  /** Path without its query. */
  readonly path: string;
  /** As the request names it; '' = it was not read. */
  readonly model: string;
  readonly status: number;
  readonly durationMs: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

/** What devices may be asked for at most. */
export const EDGE_LIMITS = {
  /** Findings of a device. */
  findings: 300,
  /** Events of one call. */
  events: 500,
} as const;
