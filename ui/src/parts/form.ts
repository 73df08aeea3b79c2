// State of a form: its values, and what the API said about which of them.
import { useState } from 'preact/hooks';
import { asProblem, type Problem } from '../api/problem.ts';

export interface Form<T> {
  readonly values: T;
  set<K extends keyof T>(field: K, value: T[K]): void;
  /** For the view of a field that is a text: what it has, what takes it, what is wrong with it. */
  field(name: TextKeys<T>): FieldState;
  /** Of the field, by the path the API named; '' = none. */
  fault(field: string): string;
  /** What is about no field that is shown. */
  readonly problem: Problem | null;
  readonly busy: boolean;
  /** Runs it once, and keeps what went wrong. */
  submit(run: () => Promise<unknown>): (event: Event) => void;
}

/** Fields that are texts. */
export type TextKeys<T> = { [K in keyof T]: T[K] extends string ? K : never }[keyof T] & string;

export interface FieldState {
  readonly value: string;
  onValue(value: string): void;
  readonly fault: string;
}

/** @param fields what is shown: a problem with any other field is told above the buttons */
export function useForm<T extends object>(
  initial: T,
  fields: readonly string[] = Object.keys(initial),
): Form<T> {
  const [values, setValues] = useState(initial);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const named = problem === null ? '' : fieldOf(problem.param);
  const set = (field: keyof T, value: unknown): void => {
    setValues((before) => ({ ...before, [field]: value }));
    if (named === field) setProblem(null);
  };
  const fault = (field: string): string => (problem !== null && named === field ? problem.message : '');
  return {
    values,
    set,
    fault,
    field: (name) => ({
      value: String(values[name] ?? ''),
      onValue: (value) => set(name, value),
      fault: fault(name),
    }),
    problem: problem !== null && fields.includes(named) ? null : problem,
    busy,
    submit: (run) => (event) => {
      event.preventDefault();
      if (busy) return;
      setBusy(true);
      setProblem(null);
      run().then(
        () => setBusy(false),
        (error: unknown) => {
          setBusy(false);
          setProblem(asProblem(error));
        },
      );
    },
  };
}

/** `limits[0].requests` -> `limits`. */
export function fieldOf(param: string): string {
  return /^[\w-]+/.exec(param)?.[0] ?? '';
}
