// What the mock provider remembers from one request to the next.

/** What outlives one request. */
export interface MockMemory {
  /** How often a model was called. */
  calls: Map<string, number>;
  /** Gates by name; a promise that resolves when the test opens the gate. */
  gate(name: string): Promise<void>;
}
