// What a server may say of who is there (V3, V4), by whoever sees whom it hears.
import { limits, type PublicKey } from '../../core/index.js'
import type { presence } from '../../core/index.js'
import { Broken } from './violation.js'

interface Silence {
  readonly since: number
  readonly probes: number
}

export class Silences {
  readonly #began: number
  readonly #all = new Map<PublicKey, Silence>()

  /** Of a process that began then. */
  constructor(began: number) {
    this.#began = began
  }

  heard(key: PublicKey, at: number): void {
    this.#all.set(key, { since: at, probes: 0 })
  }

  /** Throws where it is too soon. */
  judge(effect: Exclude<presence.Effect, presence.Knock>, at: number): void {
    const { since, probes } = this.#all.get(effect.key) ?? { since: this.#began, probes: 0 }
    if (effect._tag === 'Probe') this.#all.set(effect.key, { since, probes: probes + 1 })
    else if (effect.presence !== 'alive') {
      if (at < this.#began + limits.awayAfterMs) throw new Broken('V4', 0, at, `somebody is ${effect.presence} ${at - this.#began} ms after the start`)
      const isOver = probes >= limits.probes || at - since >= limits.awayAfterMs
      if (effect.presence === 'away' && !isOver) throw new Broken('V3', 0, at, `somebody is away after ${at - since} ms of silence and ${probes} probes`)
    }
  }
}
