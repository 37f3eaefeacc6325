// The names that a peer has met, in its own successful commands and in what others sent: what Tab completes.
import { ContactName, limits, type peer } from '../../core/index.js'
import { visible } from './visible.js'
import type { Known } from './completion.js'

export interface Acquaintance extends Known {
  readonly meet: (notice: peer.Notice) => void
}

/** Only what a name can be and a screen can show as it is; the oldest makes room. */
const met = (names: Set<string>, more: ReadonlyArray<string | undefined>): void => {
  for (const name of more) {
    if (!ContactName.is(name) || visible(name) !== name) continue
    const [oldest] = names.size >= limits.namesKnown && !names.has(name) ? names : []
    if (oldest !== undefined) names.delete(oldest)
    names.add(name)
  }
}

/** Which arguments of a command are a list, and which a contact. */
const places: Readonly<Record<string, { readonly list?: number; readonly contact?: number }>> = {
  register: { contact: 0 },
  create: { list: 0 },
  members: { list: 0 },
  invite: { list: 0, contact: 1 },
  join: { list: 0, contact: 1 },
  leave: { list: 0, contact: 1 },
  'im-start': { list: 0, contact: 1 },
  'im-complete': { list: 0, contact: 1 },
}

/** Nobody met yet. */
export const acquaintance = (): Acquaintance => {
  const lists = new Set<string>()
  const contacts = new Set<string>()
  return {
    lists,
    contacts,
    meet: (notice) => {
      if (notice._tag === 'Sent') met(contacts, notice.members)
      if (notice._tag === 'Shown' || notice._tag === 'Taken') {
        met(lists, [notice.list])
        met(contacts, [notice.from])
      }
      if (notice._tag === 'Reported') {
        met(lists, [notice.list])
        met(contacts, [...notice.delivered, ...notice.undelivered, ...notice.unknown, ...notice.leaves].map(({ name }) => name))
      }
      if (notice._tag === 'Locks') {
        met(lists, [...notice.locks, ...notice.tickets].map(({ list }) => list))
        met(contacts, [...notice.locks.map(({ initiator }) => initiator), ...notice.tickets.map(({ by }) => by)])
      }
      if (notice._tag !== 'Answered' || notice.code !== 200) return
      const [word = '', ...args] = notice.about.word === 'enqueue' ? notice.about.args : [notice.about.word, ...notice.about.args]
      const { list, contact } = places[word] ?? {}
      met(lists, [...(notice.lists ?? []), list === undefined ? undefined : args[list]])
      met(contacts, [...(notice.members ?? []).map(({ name }) => name), contact === undefined ? undefined : args[contact]])
    },
  }
}
