// Views of the same thing.

export interface TabsProps {
  label: string;
  tabs: readonly (readonly [value: string, words: string])[];
  value: string;
  onPick: (value: string) => void;
}

export function Tabs({ label, tabs, value, onPick }: TabsProps) {
  return (
    <fieldset class="tabs">
      <legend class="hidden-text">{label}</legend>
      {tabs.map(([one, words]) => (
        <button key={one} type="button" aria-pressed={one === value} onClick={() => onPick(one)}>
          {words}
        </button>
      ))}
    </fieldset>
  );
}
