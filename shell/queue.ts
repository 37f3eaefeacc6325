// The queue of the operator's orders: one after the other, since an answer does not say whose it is.
import { server, type sealed } from '../core/index.js'

export interface OrderQueue {
  /** what became of the order, after those before it */
  readonly operate: (order: sealed.Order) => Promise<server.Outcome>
  /** the server's answer to the order whose turn it is */
  readonly answer: (response: server.Response) => void
}

export const openQueue = (offer: (order: sealed.Order) => void): OrderQueue => {
  let last: Promise<unknown> = Promise.resolve()
  let answered: (outcome: server.Outcome) => void = () => undefined
  return {
    operate: (order) => {
      const turn = last.then(() => new Promise<server.Outcome>((resolve) => {
        answered = resolve
        offer(order)
      }))
      last = turn
      return turn
    },
    answer: (response) => answered(server.outcomeOf(response)),
  }
}
