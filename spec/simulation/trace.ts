// What happened in a run, as one number: the same plan twice must come to the same. And, where somebody wants to read it, as lines.

const turned = (word: number, by: number): number => (word << by) | (word >>> (32 - by))

export class Trace {
  readonly #lines: string[] | undefined
  #a = 0x9e3779b9
  #b = 0x7f4a7c15

  constructor(isLegible = false) {
    this.#lines = isLegible ? [] : undefined
  }

  /** Mixes whole numbers in. */
  note(what: number, at: number, who: number, more: number): void {
    this.#a = Math.imul(turned(this.#a ^ what ^ Math.imul(who, 0x85ebca77), 13) + more, 0x9e3779b1)
    this.#b = Math.imul(turned(this.#b ^ at ^ this.#a, 17), 0xc2b2ae3d)
  }

  /** Whether anybody reads: what is only for reading is not made otherwise. */
  get isLegible(): boolean {
    return this.#lines !== undefined
  }

  say(at: number, who: string, what: string): void {
    this.#lines?.push(`${(at / 1000).toFixed(3).padStart(8)}  ${who.padEnd(6)} ${what}`)
  }

  get lines(): ReadonlyArray<string> {
    return this.#lines ?? []
  }

  /** 16 hexadecimal digits. */
  get hash(): string {
    return [this.#a, this.#b].map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('')
  }
}
