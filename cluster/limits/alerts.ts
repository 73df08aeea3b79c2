// Tells of the marks of budgets: in the log, in the metrics, and to the webhooks of the configuration.
import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { AlertsConfig } from '../../src/contracts/alerts.ts';
import type { BudgetAlert, BudgetMark } from '../../src/contracts/budget.ts';
import type { Clock } from '../../src/contracts/ports.ts';
import { LineGate } from '../../src/observability/line-gate.ts';
import type { Log } from '../../src/observability/log.ts';
import type { MetricTotals } from '../../src/observability/metric-totals.ts';
import { usdText } from '../../src/prices/usd-text.ts';
import { type AlertSender, createAlertSender } from './alert-sender.ts';

export interface Alerts {
  configure(config: AlertsConfig | undefined): void;
  tell(alert: BudgetAlert): void;
  /** Resolves when what waits is sent or given up. */
  close(): Promise<void>;
}

const LAST_MS = 1_000;

export function createAlerts(totals: MetricTotals, clock: Clock, log: Log): Alerts {
  const gate = new LineGate(log, clock);
  let settings: AlertsConfig | undefined;
  let senders: { readonly marks: readonly BudgetMark[]; readonly sender: AlertSender }[] = [];

  function stop(): Promise<unknown> {
    const old = senders;
    senders = [];
    return Promise.all(old.map(({ sender }) => sender.close(LAST_MS)));
  }

  return {
    configure(config) {
      if (isDeepStrictEqual(config, settings)) return;
      settings = config;
      void stop();
      senders = (config?.webhooks ?? []).map((hook) => ({
        marks: hook.marks,
        sender: createAlertSender(hook, {
          wall: () => clock.wall(),
          delivered: (outcome) => totals.inc('headgate_alert_deliveries_total', [outcome]),
          failing: (reason) =>
            gate.say(
              'warn',
              { host: new URL(hook.url).host, reason },
              'alerts cannot be sent to a webhook: tried again',
            ),
        }),
      }));
    },
    tell(alert) {
      const { mark, budget } = alert;
      totals.inc('headgate_budget_alerts_total', [budget, mark]);
      const data = alertData(alert);
      log.warn(data, wordsOf(alert));
      const id = `alert_${randomUUID()}`;
      const body = JSON.stringify({
        type: `budget.${mark}`,
        id,
        timestamp: new Date(alert.atMs).toISOString(),
        data,
      });
      for (const { marks, sender } of senders) if (marks.includes(mark)) sender.offer({ id, body });
    },
    async close() {
      await stop();
    },
  };
}

/** Calls may be refused before all is spent: none of them is sure to fit into what is left. */
const reasonOf = ({ mark, spentNano, amountNano }: BudgetAlert): 'spent' | 'refused' =>
  mark === 'soft' || spentNano >= amountNano ? 'spent' : 'refused';

function wordsOf(alert: BudgetAlert): string {
  if (alert.mark === 'soft') return 'budget: soft mark passed';
  return reasonOf(alert) === 'spent'
    ? 'budget: used up'
    : 'budget: calls are refused: what is neither spent nor reserved is less than they may cost';
}

/** As people and programs are told. */
function alertData(alert: BudgetAlert): Record<string, unknown> {
  const { budget, owner, mark, window, amountNano, spentNano, reservedNano, refused, endsAtMs } = alert;
  return {
    budget,
    owner,
    mark,
    window,
    amountUsd: usdText(amountNano),
    spentUsd: usdText(spentNano),
    reservedUsd: reservedNano === null ? null : usdText(reservedNano),
    reason: reasonOf(alert),
    refused,
    resetsAt: endsAtMs === 0 ? null : new Date(endsAtMs).toISOString(),
  };
}
