// What every simulated process has: one FIFO of effects, which a write holds up, and which a death breaks off before or after any of them; a
// clock of its own; and the states up, stopped (what comes waits outside) and down (nothing of it is left).
import type { Clockwork } from './clockwork.js'
import type { Watch } from './watch.js'

/** What comes to a process that is stopped waits, up to so many: a socket's buffer is as long as that. */
const waitingMost = 256

export abstract class Life<F> {
  readonly who: number
  protected readonly clockwork: Clockwork
  protected watch: Watch
  /** counts the lives: what an earlier one had set in motion is nobody's */
  protected life = 0
  #status: 'up' | 'stopped' | 'down' = 'up'
  #queue: F[] = []
  #next = 0
  #isHeld = false
  #isPumping = false
  /** effects until it dies; each counts twice, before and after */
  #fuse = Infinity
  #waiting: Array<{ readonly run: () => void; readonly isOwn: boolean }> = []
  #waitingOutside = 0
  /** the real instant of its next waking, and the number of it */
  #wakesAt = Infinity
  #alarm = 0
  /** real ms for which it was not up, and since when it is not */
  #absentMs = 0
  #absentAt = 0

  constructor(who: number, clockwork: Clockwork, watch: Watch) {
    this.who = who
    this.clockwork = clockwork
    this.watch = watch
  }

  get isUp(): boolean {
    return this.#status === 'up'
  }

  get isDown(): boolean {
    return this.#status === 'down'
  }

  /** Real ms, of all so far, for which it was stopped or down. */
  get absentMs(): number {
    return this.#absentMs + (this.#status === 'up' ? 0 : this.clockwork.now - this.#absentAt)
  }

  /** Whether it waits for a write. */
  get isHeld(): boolean {
    return this.#isHeld
  }

  /** When it wants to be woken, by its own clock; Infinity: not at all. */
  protected abstract wakeAt(): number
  protected abstract wake(): void
  /** Carries one effect out; `true`: what is behind it waits for `release`. */
  protected abstract carryOut(effect: F): boolean
  /** It is dying: what it had in memory is gone. */
  protected abstract lose(): void

  /** Something comes from outside. What comes to a dead process is lost, and what comes to a stopped one waits. */
  give(run: () => void): void {
    if (this.#status === 'down') return
    if (this.#status === 'stopped') {
      if (this.#waitingOutside >= waitingMost) return
      this.#waitingOutside += 1
      this.#waiting.push({ run, isOwn: false })
      return
    }
    run()
    this.arm()
  }

  /** As `give`, and never refused: the process's own doings. */
  protected inside(life: number, run: () => void): void {
    if (life !== this.life || this.#status === 'down') return
    if (this.#status === 'stopped') this.#waiting.push({ run, isOwn: true })
    else {
      run()
      this.arm()
    }
  }

  protected enqueue(effects: ReadonlyArray<F>): void {
    for (const effect of effects) this.#queue.push(effect)
    if (!this.#isPumping && !this.#isHeld) this.#pump()
  }

  /** Takes those of the next effects that are `like` this one. */
  protected takeNext<G extends F>(isLike: (effect: F) => effect is G): ReadonlyArray<G> {
    const taken: G[] = []
    for (let next = this.#queue[this.#next]; next !== undefined && isLike(next); next = this.#queue[this.#next]) {
      taken.push(next)
      this.#next += 1
    }
    return taken
  }

  /** What held the effects up is done. */
  protected release(): void {
    this.#isHeld = false
    if (!this.#isPumping) this.#pump()
  }

  /** It dies at its `effects`-th boundary from now on: 0 at once. */
  condemn(effects: number): void {
    if (this.#status === 'down') return
    if (effects === 0) this.die()
    else this.#fuse = Math.min(this.#fuse, effects)
  }

  die(): void {
    if (this.#status === 'down') return
    this.#leave('down')
    this.life += 1
    this.#queue = []
    this.#next = 0
    this.#isHeld = false
    this.#fuse = Infinity
    this.#waiting = []
    this.#waitingOutside = 0
    this.#wakesAt = Infinity
    this.lose()
  }

  protected rise(watch: Watch): void {
    this.watch = watch
    this.#enter()
  }

  stop(): void {
    if (this.#status === 'up') this.#leave('stopped')
  }

  /** Goes on. `first`: what it notices before anything else; `keep`: how many of the things from outside that wait are still there. */
  proceed(first: () => void, keep = Infinity): void {
    if (this.#status !== 'stopped') return
    this.#enter()
    let left = keep
    const waiting = this.#waiting.filter(({ isOwn }) => isOwn || left-- > 0)
    this.#waiting = []
    this.#waitingOutside = 0
    this.#wakesAt = Infinity
    const { life } = this
    first()
    for (const { run } of waiting) this.inside(life, run)
    if (life === this.life) this.arm()
  }

  /** How many things from outside wait. */
  get waiting(): number {
    return this.#waitingOutside
  }

  /** Sets the next waking. Earlier ones that are still set are harmless, and forgotten. */
  protected arm(): void {
    if (this.#status !== 'up') return
    const due = this.wakeAt()
    if (due === Infinity) return
    const at = Math.max(this.clockwork.now, this.watch.when(due))
    if (at >= this.#wakesAt) return
    this.#wakesAt = at
    const alarm = ++this.#alarm
    const { life } = this
    this.clockwork.at(at, () => {
      if (alarm !== this.#alarm) return
      this.inside(life, () => {
        this.#wakesAt = Infinity
        if (this.wakeAt() <= this.watch.read(this.clockwork.now)) this.wake()
      })
    })
  }

  #leave(status: 'stopped' | 'down'): void {
    if (this.#status === 'up') this.#absentAt = this.clockwork.now
    this.#status = status
  }

  #enter(): void {
    this.#absentMs = this.absentMs
    this.#status = 'up'
  }

  #burn(): boolean {
    this.#fuse -= 1
    if (this.#fuse > 0) return false
    this.die()
    return true
  }

  #pump(): void {
    this.#isPumping = true
    const { life } = this
    for (let effect = this.#queue[this.#next]; effect !== undefined; effect = this.#queue[this.#next]) {
      if (this.#burn()) break
      this.#next += 1
      this.#isHeld = this.carryOut(effect)
      if (life !== this.life || this.#burn() || this.#isHeld) break
    }
    this.#isPumping = false
    if (life !== this.life) return
    if (this.#next === this.#queue.length) {
      this.#queue = []
      this.#next = 0
    }
  }
}
