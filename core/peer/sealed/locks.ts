// What an answer says of locks, as a notice shows it: what is missing is left out.
import type { LockRows } from '../../wire/sealed/index.js'
import type { NoticeOf } from '../notice.js'

export const rowsOf = ({ locks, tickets, expired }: LockRows): Pick<NoticeOf<'Locks'>, 'locks' | 'tickets' | 'expired'> => ({
  locks: locks.map(({ im, ends, ...row }) => ({ ...row, ...(im === undefined ? {} : { im }), ...(ends === undefined ? {} : { ends }) })),
  tickets: tickets.map(({ fenced, change, ...row }) => ({
    ...row, change: change._tag, contact: change.contact, ...(change._tag === 'Exit' ? {} : { list: change.list }), ...(fenced === undefined ? {} : { fenced }),
  })),
  expired: expired.map(({ im, ...row }) => ({ ...row, ...(im === undefined ? {} : { im }) })),
})
