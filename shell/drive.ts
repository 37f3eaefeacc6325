// The driver of every machine: stamps commands, reduces them, and has their effects carried out.
//
//   offer(by, command) ──> reduce ──> queue ──> effects in order ──> response ──> next step of the queue
//
// The queue is one FIFO: an effect that returns a promise (a `Persist`) holds back everything behind it, so nothing that came later is
// seen outside before it is durable. Reducing itself never waits. Timers are not kept but read: `wakeAt` of the newest state is armed, or what
// was armed before it.
import { isSome, type Option } from 'fp-ts/lib/Option.js'
import { self, type Actor, type Instant, type Machine, type Stamped, type Transition } from '../core/index.js'
import { limits } from './limits.js'
import type { Clock } from './clock.js'

/** How each effect is carried out; a promise holds the queue until it is kept. A rejected one is a failure of the program. */
export type Interpreters<F extends { readonly _tag: string }> = {
  readonly [K in F['_tag']]: (effect: Extract<F, { readonly _tag: K }>, by: Actor) => void | Promise<void>
}

export interface World<S, C, R, F extends { readonly _tag: string }> {
  readonly clock: Clock
  readonly interpret: Interpreters<F>
  readonly respond: (by: Actor, response: R) => void
  /** sees every step as it is made: logs, checks, traces */
  readonly watch?: (input: Stamped<C>, step: Transition<S, R, F>) => void
  /** a promise of an interpreter was broken: a fault of the program, which ends it unless this says otherwise */
  readonly failed?: (error: unknown) => void
}

export interface Driver<S, C> {
  readonly offer: (by: Actor, command: C) => void
  readonly state: () => S
  /** no timer after this; what is queued is carried out */
  readonly stop: () => void
}

interface Outgoing<R, F> {
  readonly by: Actor
  readonly effects: ReadonlyArray<F>
  readonly response: Option<R>
}

/** Has one effect carried out. */
export const carryOut = <F extends { readonly _tag: string }>(interpret: Interpreters<F>, effect: F, by: Actor): void | Promise<void> =>
  (interpret as unknown as Readonly<Record<string, (effect: F, by: Actor) => void | Promise<void>>>)[effect._tag]?.(effect, by)

/** Effects and responses, strictly in order. */
const fifo = <R, F extends { readonly _tag: string }>(world: Pick<World<never, never, R, F>, 'interpret' | 'respond' | 'failed'>) => {
  const queue: Array<Outgoing<R, F>> = []
  let effectAt = 0
  let busy = false

  const pump = (): void => {
    busy = true
    for (let step = queue[0]; step !== undefined; step = queue[0]) {
      while (effectAt < step.effects.length) {
        const effect = step.effects[effectAt++] as F
        const pending = carryOut(world.interpret, effect, step.by)
        if (pending !== undefined) return void pending.then(pump, world.failed)
      }
      effectAt = 0
      queue.shift()
      if (isSome(step.response)) world.respond(step.by, step.response.value)
    }
    busy = false
  }

  return (outgoing: Outgoing<R, F>): void => {
    queue.push(outgoing)
    if (!busy) pump()
  }
}

/** Drives `machine` from `initial`. One driver a machine; everything that happens to it goes through `offer`. */
export const drive = <S, C, R, F extends { readonly _tag: string }>(
  machine: Machine<S, C, R, F>,
  initial: S,
  world: World<S, C, R, F>,
): Driver<S, C> => {
  const carryOut = fifo<R, F>(world)
  let state = initial
  let armedFor: Instant | undefined
  let timer: NodeJS.Timeout | undefined
  let stopped = false

  const arm = (): void => {
    const deadline = machine.wakeAt(state)
    const next = isSome(deadline) && !stopped ? deadline.value : undefined
    // one that comes too early looks again: nearly every deadline is over, or put off, before it comes
    if (next === undefined ? !stopped : armedFor !== undefined && armedFor <= next) return
    clearTimeout(timer)
    armedFor = next
    timer = next === undefined ? undefined : setTimeout(look, Math.min(Math.max(next - world.clock(), 0), limits.longestTimerMs))
  }

  const offer = (by: Actor, command: C): void => {
    const input = { at: world.clock(), by, command }
    const step = machine.reduce(state, input)
    state = step.state
    world.watch?.(input, step)
    carryOut({ by, effects: step.effects, response: step.response })
    arm()
  }

  const look = (): void => {
    armedFor = undefined
    const deadline = machine.wakeAt(state)
    if (isSome(deadline) && deadline.value <= world.clock()) offer(self, machine.wake)
    else arm()
  }

  arm()
  return {
    offer,
    state: () => state,
    stop: () => {
      stopped = true
      arm()
    },
  }
}
