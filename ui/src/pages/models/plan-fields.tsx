// The fields of a plan: targets in their order, how one is chosen, and what follows after certain failures.
import { SelectField } from '../../parts/field.tsx';
import type { Draft } from './draft.ts';
import { FAILURES, STRATEGIES } from './plan-of.ts';

/** Strategies in which a weight says something. */
const WEIGHED: readonly string[] = ['weighted', 'adaptive'];

interface PlanFieldsProps {
  draft: Draft;
  set: (draft: Draft) => void;
  /** Names that are offered. */
  names: readonly string[];
}

export function PlanFields({ draft, set, names }: PlanFieldsProps) {
  const { strategy, targets, fallbacks } = draft;
  const target = (at: number, change: Partial<Draft['targets'][number]>): void =>
    set({ ...draft, targets: targets.map((one, place) => (place === at ? { ...one, ...change } : one)) });
  const fallback = (at: number, change: Partial<Draft['fallbacks'][number]>): void =>
    set({ ...draft, fallbacks: fallbacks.map((one, place) => (place === at ? { ...one, ...change } : one)) });
  const weighed = WEIGHED.includes(strategy);
  return (
    <>
      <datalist id="plan-names">
        {names.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <fieldset class="plan-lines">
        <legend>Targets</legend>
        {targets.map(({ model, weight }, at) => (
          <div key={at} class="plan-line">
            <span class="plan-order">{at + 1}</span>
            <Name
              label={`Target ${at + 1}`}
              value={model}
              onValue={(value) => target(at, { model: value })}
            />
            {weighed && (
              <input
                type="number"
                min="0"
                class="num"
                aria-label={`Weight of target ${at + 1}`}
                placeholder="1"
                value={weight}
                onInput={({ currentTarget }) => target(at, { weight: currentTarget.value })}
              />
            )}
            <button
              type="button"
              class="plain small"
              aria-label={`Target ${at + 1} one place up`}
              disabled={at === 0}
              onClick={() => set({ ...draft, targets: swapped(targets, at) })}
            >
              ↑
            </button>
            <button
              type="button"
              class="plain small"
              aria-label={`Without target ${at + 1}`}
              disabled={targets.length === 1}
              onClick={() => set({ ...draft, targets: targets.filter((_, place) => place !== at) })}
            >
              ✕
            </button>
          </div>
        ))}
        <button
          type="button"
          class="link"
          onClick={() => set({ ...draft, targets: [...targets, { model: '', weight: '' }] })}
        >
          Add a target
        </button>
      </fieldset>
      {targets.length > 1 && (
        <SelectField
          label="Which of them answers"
          value={strategy}
          onValue={(value) => set({ ...draft, strategy: value })}
          options={STRATEGIES}
          hint="The others are asked when it cannot."
        />
      )}
      <fieldset class="plan-lines">
        <legend>Only after certain failures</legend>
        {fallbacks.map(({ to, on }, at) => (
          <div key={at} class="plan-line">
            <span class="plan-order">{targets.length + at + 1}</span>
            <Name label={`Fallback ${at + 1}`} value={to} onValue={(value) => fallback(at, { to: value })} />
            <button
              type="button"
              class="plain small"
              aria-label={`Without fallback ${at + 1}`}
              onClick={() => set({ ...draft, fallbacks: fallbacks.filter((_, place) => place !== at) })}
            >
              ✕
            </button>
            <div class="plan-kinds">
              {FAILURES.map(([kind, words]) => (
                <label key={kind} class="check small">
                  <input
                    type="checkbox"
                    checked={on.includes(kind)}
                    onChange={({ currentTarget }) =>
                      fallback(at, {
                        on: currentTarget.checked ? [...on, kind] : on.filter((one) => one !== kind),
                      })
                    }
                  />
                  {words}
                </label>
              ))}
            </div>
          </div>
        ))}
        <button
          type="button"
          class="link"
          onClick={() => set({ ...draft, fallbacks: [...fallbacks, { to: '', on: ['error'] }] })}
        >
          Add a fallback
        </button>
      </fieldset>
    </>
  );
}

function Name({ label, value, onValue }: { label: string; value: string; onValue: (value: string) => void }) {
  return (
    <input
      list="plan-names"
      class="mono"
      aria-label={label}
      placeholder="provider/model"
      spellcheck={false}
      value={value}
      onInput={({ currentTarget }) => onValue(currentTarget.value)}
    />
  );
}

/** With the one before it. */
function swapped<T>(list: readonly T[], at: number): T[] {
  const next = [...list];
  [next[at - 1], next[at]] = [next[at]!, next[at - 1]!];
  return next;
}
