// Guardrails of the configuration, a line each.
import type { Rule } from './rules.ts';

export function Rules({ rules }: { rules: readonly Rule[] }) {
  return (
    <section class="panel">
      <header>
        <h2>Guardrails</h2>
        <span class="muted small">of all calls; keys and teams may have more</span>
      </header>
      <div class="table-wrap">
        <table>
          <thead>
            <tr>
              <th>Name</th>
              <th>Looks for</th>
              <th>In</th>
              <th>Then</th>
              <th>For</th>
            </tr>
          </thead>
          <tbody>
            {rules.map(({ name, on, action, checks, who }) => (
              <tr key={name}>
                <td>
                  <span class="clip">{name}</span>
                </td>
                <td>{checks.map((one) => one.replaceAll('_', ' ')).join(', ')}</td>
                <td>
                  {on.length === 0 ? 'as its checks' : on.map((one) => one.replaceAll('_', ' ')).join(', ')}
                </td>
                <td class={action === 'block' ? 'bad' : action === 'flag' ? '' : 'warn'}>{action}</td>
                <td>
                  <span class="clip">{who || 'everybody'}</span>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
