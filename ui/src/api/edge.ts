// Machines at the edge as the API tells them (docs/api-admin.md).

export type EdgeState = 'pending' | 'approved' | 'denied';
export type EdgeDecision = 'allow' | 'block';

export type EdgeCounts = Readonly<Record<EdgeState, number>>;

export interface EdgePolicy {
  readonly pendingDevices: EdgeDecision;
  readonly pendingApps: EdgeDecision;
  readonly pendingServers: EdgeDecision;
  readonly refreshSeconds: number;
  readonly fallback: boolean;
  readonly intercept: { readonly enabled: boolean; readonly hosts: readonly unknown[] };
  readonly version?: number;
}

export interface EdgeOverview {
  readonly devices: EdgeCounts;
  readonly apps: EdgeCounts;
  readonly servers: EdgeCounts;
  readonly policy: EdgePolicy;
}

/** What both lists have, so that one table decides on either. */
export interface Decided {
  readonly id: string;
  readonly state: EdgeState;
  readonly decision: EdgeDecision;
  readonly createdAt: string;
}

export interface Device extends Decided {
  readonly name: string;
  readonly platform?: string;
  readonly version?: string;
  readonly person?: string;
  readonly team?: string;
  readonly user?: string;
  readonly key?: string;
  readonly seenAt: string | null;
  readonly revision: number;
}

export interface EdgeItem extends Decided {
  readonly type: 'app' | 'server';
  readonly target: string;
  readonly names?: readonly string[];
  readonly transport?: string;
  readonly note?: string;
  readonly decidedBy?: string;
  readonly devices: number;
  readonly version: number;
}

export interface Find {
  readonly device: string;
  readonly deviceName: string;
  readonly item: string;
  readonly type?: 'app' | 'server';
  readonly target?: string;
  readonly state?: EdgeState;
  readonly names: readonly string[];
  readonly version?: string;
  readonly sources: readonly string[];
}

export interface EdgeEvent {
  readonly id: string;
  readonly device: string;
  readonly at: number;
  readonly outcome: 'blocked' | 'fallback' | 'failed';
  readonly app: string;
  readonly reason: string;
  readonly method: string;
  readonly path: string;
  readonly model: string;
  readonly status: number;
  readonly durationMs: number;
}

export interface Authority {
  readonly name: string;
  readonly certificate: string;
  readonly fingerprint: string;
  readonly notAfter: string;
}
