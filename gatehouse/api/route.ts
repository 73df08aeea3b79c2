// One row of the table of routes: what a call may say, who may make it, what it answers. Checks, permissions and the
// OpenAPI document are all read from it, so that none of them can say anything else than the others.
import type { SchemaNode } from '../../src/config/schema/node.ts';
import type { Permission } from '../../src/governance/roles.ts';
import type { Actor } from '../who/actor.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** What a call says of itself, once it was checked. */
export interface ApiRequest {
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  /** As the schema of the route has it; `{}` where it has none. */
  readonly body: Readonly<Record<string, unknown>>;
  readonly actor: Actor;
  /** Address of the client, '' = not known. */
  readonly ip: string;
  /** It came over TLS, as the proxy in front says. */
  readonly secure: boolean;
  /** Version named by `If-Match`; null = any. */
  readonly ifMatch: number | null;
  /** Of the client, as a listener has checked it; null = it showed none. */
  readonly certificate: { readonly fingerprint: string; readonly name: string } | null;
  /** The credential itself, for routes that look it up. */
  readonly credential: string;
  /** Value of a cookie; '' = it was not sent. */
  cookie(name: string): string;
}

export interface ApiAnswer {
  readonly status: number;
  /** Absent: no body. A text goes out as it is, with the content type of the headers. */
  readonly body?: object | string;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  /** In place of a body, with the content type of the headers: written while it is made. The answer ends with the promise. */
  readonly stream?: (out: AnswerStream) => Promise<void>;
}

/** Where an answer is written piece by piece. */
export interface AnswerStream {
  /** Resolves once the reader takes more; of no effect when it left. */
  write(text: string): Promise<void>;
  /** Aborted when the reader leaves, or the process ends. */
  readonly left: AbortSignal;
}

/**
 * `open`: no credential at all. `self`: a virtual key about itself. `signed-in`: any administrator. All else asks the role,
 * and the handler asks again for the object's team.
 */
export type Access = Permission | 'open' | 'self' | 'signed-in';

export interface ApiRoute {
  readonly method: Method;
  /** `/api/teams/{id}` */
  readonly path: string;
  readonly access: Access;
  /** Unique; the name of the operation in the OpenAPI document. */
  readonly operation: string;
  readonly summary: string;
  readonly body?: SchemaNode;
  /** The handler says what is wrong with the body; the schema is for people. */
  readonly lenient?: true;
  /** Of access `self`: keys of the file call it, too, which only the handler can find out. */
  readonly fileKeys?: true;
  /** Who opens the page asks it: that they are nobody yet is an answer, and nothing for the audit log. */
  readonly asksWho?: true;
  /** Takes `If-Match`, as every PATCH and DELETE does. */
  readonly guarded?: true;
  /** Every one a text; numbers are checked by the handler. */
  readonly query?: Readonly<Record<string, SchemaNode>>;
  /** Takes parameters that it does not know, from who was sent here by somebody else. */
  readonly foreignQuery?: true;
  /** Status of success and the shape of its body; null = none. */
  readonly answer: {
    readonly status: number;
    readonly schema: SchemaNode | null;
    /** Content types, where they are others than JSON. */
    readonly types?: readonly string[];
  };
  /** The body holds a secret that is shown once: what is kept of it for a repeated call is sealed anyway. */
  handle(request: ApiRequest): Promise<ApiAnswer>;
}
