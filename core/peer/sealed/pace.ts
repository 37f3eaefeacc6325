// How often, and how long at most, each kind of request is sent until it is given up.
import { limits } from '../../limits.js'
import type { Order } from '../../wire/sealed/order.js'

/** sends, and ms between two of them before chance makes it longer */
export interface Pace {
  readonly sends: number
  readonly highestMs: number
}

const usual: Pace = { sends: limits.requestSends, highestMs: limits.rtoHighestMs }
const start: Pace = { sends: limits.startSends, highestMs: limits.startHighestMs }

const where: Pace = { sends: limits.whereSends, highestMs: limits.rtoHighestMs }

/** The lease of a message may run already, and nobody knows: its im-start is sent oftener. */
export const paceOf = ({ _tag }: Order): Pace => (_tag === 'ImStart' ? start : _tag === 'Where' ? where : usual)
