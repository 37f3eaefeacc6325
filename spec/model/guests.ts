// Whom the dumb server lets on a closed list.
import { code, type Expected, type KnownContact, type KnownList } from './known.js'
import type { ContactName, ListName, server } from '../../core/index.js'

/** What of the directory these need. */
interface Door {
  position: number
  readonly config: server.Config
  readonly contact: (name: ContactName) => KnownContact | undefined
  readonly list: (name: ListName) => KnownList | undefined
}

export const invite = (door: Door, listName: ListName, name: ContactName): Expected => {
  const list = door.list(listName)
  const contact = door.contact(name)
  if (list === undefined || contact === undefined) return code(459)
  if (contact.key === undefined) return code(403)
  const { id } = contact.key.identity
  if (list.guests.includes(id)) {
    door.position -= 1 // nothing is new
    return code(200)
  }
  if (list.guests.length >= door.config.maxMembers) return code(454)
  list.guests.push(id)
  return code(200)
}

/** Who was put off a list is invited no more. */
export const dismissed = (door: Door, answer: Expected, by: KnownContact | undefined, listName: ListName, name: ContactName): Expected => {
  const list = door.list(listName)
  const id = door.contact(name)?.key?.identity.id
  if (answer.code === 200 && by?.name !== name && list) list.guests = list.guests.filter((guest) => guest !== id)
  return answer
}
