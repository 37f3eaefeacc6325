// A process's own clock: whole ms since the epoch, at a rate of its own, which stands still while its machine sleeps.
//
//   own = base + (real - origin) x rate        another origin whenever it stops, goes on, or is set
import type { Instant } from '../../core/index.js'

export class Watch {
  readonly #rate: number
  #base: number
  #origin: number
  #isStanding = false

  /** Shows `base` at the real instant `origin`. */
  constructor(base: number, origin: number, rate: number) {
    this.#base = base
    this.#origin = origin
    this.#rate = rate
  }

  #exact(real: number): number {
    return this.#isStanding ? this.#base : this.#base + (real - this.#origin) * this.#rate
  }

  read(real: number): Instant {
    return Math.floor(this.#exact(real) + 1e-6) as Instant
  }

  /** The first whole ms of real time at which it shows `instant`. It must not stand. */
  when(instant: number): number {
    return Math.ceil(this.#origin + (instant - this.#base) / this.#rate - 1e-6)
  }

  stand(real: number): void {
    this.#base = this.#exact(real)
    this.#isStanding = true
  }

  proceed(real: number): void {
    this.#isStanding = false
    this.#origin = real
  }
}
