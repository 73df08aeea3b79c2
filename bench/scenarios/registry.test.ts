import { expect, test } from 'vitest';
import { scenarios } from './registry.ts';

test('no two scenarios have one name, and no two metrics of a scenario', () => {
  const names = scenarios.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  for (const { name, metrics } of scenarios) {
    const own = metrics.map((metric) => metric.name);
    expect(new Set(own).size, name).toBe(own.length);
  }
});

test('every bar has one side, and a bar of a ratio has a yardstick', () => {
  const bars = scenarios.flatMap(({ metrics }) => metrics.filter(({ bar }) => bar !== undefined));
  expect(bars.length).toBeGreaterThan(20);
  for (const { name, bar, against, better } of bars) {
    expect(bar?.most !== undefined, name).toBe(better === 'lower');
    expect(bar?.least !== undefined, name).toBe(better === 'higher');
    if (bar?.ratio === true) expect(against, name).toBeDefined();
  }
});

test('every scenario says what it measures and how', () => {
  for (const { name, title, method } of scenarios) {
    expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(title, name).not.toBe('');
    expect(method.length, name).toBeGreaterThan(80);
    expect(method, name).not.toMatch(/undefined|NaN|\n| {2}/);
  }
});
