// What is done once, whoever does it: over all workers, over gateways that share a Redis, and over restarts.

export interface Once {
  /**
   * True for who may do it. `way` null: the first who asks for this id, and nobody else. Else all who ask for it the way the
   * first did. Never rejects: it waits for whoever knows.
   */
  take(id: string, way: string | null): Promise<boolean>;
}
