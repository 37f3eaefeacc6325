// save, and the saved file in both directions.
//
//   2                       contacts, in order of registration
//   Me 192.0.2.7 22000      a name may hold spaces: address and port are the last two words
//   Foo Bar 192.0.2.8 22002
//   1                       lists, in order of creation
//   list_1
//   1                       its members, in order of joining
//   Me 192.0.2.7 22000
import { isLeft, left, right, type Either } from 'fp-ts/lib/Either.js'
import * as roll from '../roll.js'
import { Host, portFrom, sameAddress, type Address } from '../address.js'
import { ContactName, FileName, ListName, nameRule } from '../names.js'
import { create, join } from './lists.js'
import { register } from './contacts.js'
import { refuse } from './refusal.js'
import { done } from './reply.js'
import { act, answer, type Step } from './transitions.js'
import { initial, isKeyed, membersOf, type Card, type List, type State } from './state.js'
import type { Config } from './config.js'

const cardLine = ({ name, ip, port }: Card): string => `${name} ${ip} ${port}`

const savedList = (state: State, list: List): ReadonlyArray<string> => {
  const lines = membersOf(list).filter(({ name }) => !isKeyed(roll.get(state.contacts, name))).map(cardLine)
  return [list.name, String(lines.length), ...lines]
}

/** The directory as the original saves it; no newline at the end. Ongoing messages are not part of it, and no contact with a key, no list that is
 *  not open and nobody's ownership: the file could not say whose they are, and who restores it would hand them to whoever asks first. */
export const saved = (state: State): string => {
  const contacts = roll.values(state.contacts).filter((contact) => !isKeyed(contact))
  const lists = roll.values(state.lists).filter(({ policy }) => policy === 'open')
  return [
    String(contacts.length),
    ...contacts.map(({ card }) => cardLine(card)),
    String(lists.length),
    ...lists.flatMap((list) => savedList(state, list)),
  ].join('\n')
}

/** Writes the directory to `file` in the server's folder. Refuses with NotSaved, also when the name is not a plain one. */
export const save = (state: State, file: string): Step =>
  FileName.is(file)
    ? act(state, [{ _tag: 'WriteFile', name: file, content: saved(state), written: done, failed: refuse.NotSaved }])
    : answer(state, refuse.NotSaved)

/** A saved file that is not one: the line (from 1) and what is wrong with it. */
export interface Damaged {
  readonly line: number
  readonly reason: string
}

interface Reading { readonly state: State; readonly line: number }
type Read = Either<Damaged, Reading>

const damaged = (line: number, reason: string): Either<Damaged, never> => left({ line: line + 1, reason })

const readCount = (lines: ReadonlyArray<string>, line: number, what: string): Either<Damaged, number> => {
  const text = lines[line]
  if (text === undefined) return damaged(line, `the file ends where the number of ${what} should stand`)
  return /^\d{1,9}$/.test(text) ? right(Number(text)) : damaged(line, `"${text}" is not the number of ${what}`)
}

/** A line of a contact. */
interface Registration {
  readonly name: ContactName
  readonly address: Address
}

const readCard = (lines: ReadonlyArray<string>, line: number): Either<Damaged, Registration> => {
  const text = lines[line]
  if (text === undefined) return damaged(line, 'the file ends where a contact should stand')
  const match = /^(.*) (\S+) (\S+)$/su.exec(text)
  const [, name, ip, digits] = match ?? []
  const port = portFrom(digits ?? '')
  if (!ContactName.is(name)) return damaged(line, `"${text}" is not "<name> <address> <port>", the name ${nameRule}`)
  if (!Host.is(ip)) return damaged(line, `"${ip ?? ''}" is not an IPv4 or IPv6 address`)
  if (port === undefined) return damaged(line, `"${digits ?? ''}" is not a port from 1 to 65534`)
  const address: Address = { ip, port }
  return right({ name, address })
}

/** Reads `count` things that begin at `reading.line`, each with `read`; stops at the first damage. */
const times = (count: number, reading: Read, read: (from: Reading) => Read): Read =>
  Array.from({ length: count }).reduce<Read>((so) => (isLeft(so) ? so : read(so.right)), reading)

/** Does the step that the line stands for; a refusal of it is the damage. */
const step = (line: number, next: number, { state, response }: Step): Read =>
  response._tag === 'Some' && response.value._tag === 'Left'
    ? damaged(line, `refused: ${response.value.left._tag}`)
    : right({ state, line: next })

const readContact = (config: Config, lines: ReadonlyArray<string>) => ({ state, line }: Reading): Read => {
  const card = readCard(lines, line)
  return isLeft(card) ? card : step(line, line + 1, register(config, state, card.right.name, card.right.address))
}

const readMember = (config: Config, lines: ReadonlyArray<string>, list: ListName) => ({ state, line }: Reading): Read => {
  const card = readCard(lines, line)
  if (isLeft(card)) return card
  const { name, address } = card.right
  const contact = roll.get(state.contacts, name)
  if (contact === undefined) return damaged(line, `"${name}" is on the list "${list}" but not among the contacts`)
  if (!sameAddress(contact.card, address)) return damaged(line, `"${name}" has another address among the contacts`)
  return step(line, line + 1, join(config, 'classic', state, list, name))
}

const readList = (config: Config, lines: ReadonlyArray<string>) => ({ state, line }: Reading): Read => {
  const name = lines[line]
  if (name === undefined) return damaged(line, 'the file ends where the name of a list should stand')
  if (!ListName.is(name)) return damaged(line, `"${name}" is not a list's name: ${nameRule}`)
  const made = step(line, line + 1, create(config, state, name, 'open', undefined))
  const members = readCount(lines, line + 1, `the members of "${name}"`)
  if (isLeft(members)) return isLeft(made) ? made : members
  if (members.right > lines.length) return damaged(line + 1, `${members.right} members in a file of ${lines.length} lines`)
  return times(members.right, isLeft(made) ? made : right({ ...made.right, line: line + 2 }), readMember(config, lines, name))
}

/** The directory in a saved file's text: what `saved` wrote, whole. A last newline and CRLF line ends are taken as editors leave them. Its positions,
 *  and the epochs of its lists with them, begin behind `position`: members remember those of the server before. */
export const restore = (config: Config, text: string, position = 0): Either<Damaged, State> => {
  const lines = text.replace(/\r?\n$/, '').split(/\r?\n/)
  const contactCount = readCount(lines, 0, 'contacts')
  if (isLeft(contactCount)) return contactCount
  if (contactCount.right > lines.length) return damaged(0, `${contactCount.right} contacts in a file of ${lines.length} lines`)
  const contacts = times(contactCount.right, right({ state: { ...initial, position }, line: 1 }), readContact(config, lines))
  if (isLeft(contacts)) return contacts
  const listCount = readCount(lines, contacts.right.line, 'lists')
  if (isLeft(listCount)) return listCount
  if (listCount.right > lines.length) return damaged(contacts.right.line, `${listCount.right} lists in a file of ${lines.length} lines`)
  const whole = times(listCount.right, right({ ...contacts.right, line: contacts.right.line + 1 }), readList(config, lines))
  if (isLeft(whole)) return whole
  if (whole.right.line < lines.length) return damaged(whole.right.line, 'something follows where the file should end')
  return right(whole.right.state)
}
