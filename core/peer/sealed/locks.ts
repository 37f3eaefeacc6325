// What an answer says of locks, as a notice shows it: what is missing is left out.
import * as clock from '../../clock.js'
import type { Behind, LockRows } from '../../wire/sealed/index.js'
import type { LockRows as Shown } from '../notice.js'
import type { State } from './state.js'

export const rowsOf = ({ locks, tickets, expired, behind }: LockRows & { readonly behind?: Behind }): Shown => ({
  locks: locks.map(({ im, ends, ...row }) => ({ ...row, ...(im === undefined ? {} : { im }), ...(ends === undefined ? {} : { ends }) })),
  tickets: tickets.map(({ fenced, change, ...row }) => ({
    ...row, change: change._tag, contact: change.contact, ...(change._tag === 'Exit' ? {} : { list: change.list }), ...(fenced === undefined ? {} : { fenced }),
  })),
  expired: expired.map(({ im, ...row }) => ({ ...row, ...(im === undefined ? {} : { im }) })),
  ...(behind === undefined ? {} : { behind }),
})

/** What the server's clock shows, at most; nothing where it is not known. Whoever reads instants of that clock can tell from it how far away they are. */
export const nowOf = ({ courier, at }: State): Pick<Shown, 'now'> => {
  const [newest] = courier.clock
  const now = newest === undefined ? undefined : clock.hi(courier.clock, newest.process, at)
  return now === undefined ? {} : { now }
}
