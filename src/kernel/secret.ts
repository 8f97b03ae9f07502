const SHOWN = '[secret]'

/** A value that no log, JSON, template string or inspection shows. Only `reveal` gives it back. */
export class Secret<T> {
  // A private field is out of reach for spread, Object.entries, structuredClone and util.inspect alike.
  readonly #value: T

  constructor(value: T) {
    this.#value = value
  }

  static reveal<T>(hidden: Secret<T>): T {
    return hidden.#value
  }

  toJSON(): string {
    return SHOWN
  }

  toString(): string {
    return SHOWN
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return SHOWN
  }
}

export function secret<T>(value: T): Secret<T> {
  return new Secret(value)
}

/** Call it where the value is used, as late as can be. */
export function reveal<T>(hidden: Secret<T>): T {
  return Secret.reveal(hidden)
}
