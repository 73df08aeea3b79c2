// What Kubernetes puts into every pod beside a Service (enableServiceLinks, on by default): a Service called `headgate`
// makes HEADGATE_PORT=tcp://10.96.0.7:8080, over the variable of that name in the image. None of it is meant for us.
import type { Env } from './environment.ts';

/** Also of a Service whose name only begins with ours (`headgate-metrics`), also as `docker run --link` wrote them. */
const NAME =
  /^HEADGATE_(?:[A-Z0-9_]+_)?(?:SERVICE_HOST|SERVICE_PORT(?:_[A-Z0-9_]+)?|PORT(?:_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR|PORT_START|PORT_END))?)?)$/;
const ADDRESS = /^(?:tcp|udp|sctp):\/\//i;

/** True when the variable is a Service's: by its name, or where the name is also one of ours, by its value. */
export function isServiceLink(name: string, value: string): boolean {
  if (!NAME.test(name)) return false;
  return (
    !name.endsWith('_PORT') ||
    name.endsWith('_SERVICE_PORT') ||
    name.endsWith('_TCP_PORT') ||
    ADDRESS.test(value.trim())
  );
}

/** The environment without them, and one note that names them all; null when there are none. */
export function withoutServiceLinks(env: Env): { env: Env; note: string | null } {
  const links = Object.keys(env)
    .filter((name) => isServiceLink(name, env[name] ?? ''))
    .sort();
  if (links.length === 0) return { env, note: null };
  const rest = Object.fromEntries(Object.entries(env).filter(([name]) => !links.includes(name)));
  const shown = links
    .slice(0, 3)
    .map((name) => `\`${name}\``)
    .join(', ');
  const more = links.length > 3 ? ` and ${links.length - 3} more` : '';
  return {
    env: rest,
    note: `of a Kubernetes Service and ignored: ${shown}${more} (\`enableServiceLinks: false\` in the pod keeps them out)`,
  };
}
