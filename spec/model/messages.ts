// What the dumb server does about messages of the classic wire, and about what the operator ends.
import { end } from './grants.js'
import { code, sized, type Expected, type KnownContact, type KnownList, type World } from './known.js'
import { barred } from './queue.js'
import type { ContactName, ListName } from '../../core/index.js'

type Wire = 'classic' | 'sealed'

/** What of the directory these need. */
interface Board extends World {
  readonly contact: (name: ContactName, wire?: Wire) => KnownContact | undefined
  readonly list: (name: ListName, wire?: Wire) => KnownList | undefined
}

export const imStart = (board: Board, listName: ListName, name: ContactName): Expected => {
  if (!board.contact(name, 'classic')) return code(459)
  const list = board.list(listName, 'classic')
  if (!list) return code(460)
  if (!list.members.includes(name)) return code(464)
  const bar = barred(board, list)
  if (bar !== undefined) return bar
  if (list.ongoing.length >= board.config.maxMessages) return code(429)
  const order = [name, ...list.members.filter((member) => member !== name)]
  const ring = order.flatMap((member) => board.contact(member) ?? []).map(({ name: is, ip, port }) => ({ name: is, ip, port }))
  const lease = board.config.classicLeaseMs === 0 ? undefined : board.config.classicLeaseMs
  const answer = sized(board.config.maxReplyBytes, { num_contacts_in_list: ring.length, contact_list: ring }, { code: 200, ring })
  if (answer.code === 200) list.ongoing.push({ by: name, since: board.now, lease, ends: lease === undefined ? undefined : board.now + lease, grant: undefined })
  return answer
}

export const imComplete = (board: Board, wire: Wire, listName: ListName, name: ContactName): Expected => {
  if (!board.contact(name, wire)) return code(459)
  const list = board.list(listName, wire)
  if (!list) return code(460)
  if (!list.members.includes(name)) return code(464)
  const oldest = list.ongoing.find(({ by }) => by === name)
  if (oldest === undefined) return code(465)
  end(board, list, oldest, 'forced')
  return code(200)
}

/** No message goes on there any more. */
export const force = (board: Board, list: KnownList): void => {
  for (const one of list.ongoing) end(board, list, one, 'forced')
}

export const unlock = (board: Board, name: ListName): Expected => {
  const list = board.list(name)
  if (list === undefined || list.ongoing.length === 0) return code(list === undefined ? 460 : 465)
  force(board, list)
  return code(200)
}
