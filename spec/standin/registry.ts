// What the original server knows, contacts and lists, and its nine commands with their codes in the order in which they are checked.
// Its rule for an ongoing message is the original one: `join` and `leave` look at their own list only, `exit` at the lists that hold
// the contact. It knows no socket; `save` alone touches the disk. Whatever is no request is thrown, and the server dies of it.
import { writeFileSync } from 'node:fs'
import { dumps, type Json } from './dumps.js'

interface Contact {
  readonly name: string
  readonly ip: string
  readonly port: bigint
}

interface List {
  readonly name: string
  /** in order of joining */
  readonly members: Set<Contact>
  /** the initiator of each ongoing message, all of them members: nobody leaves while there is one */
  readonly ongoing: Contact[]
}

/** Both tables keep the order in which their entries were made. */
export interface Registry {
  readonly contacts: Map<string, Contact>
  readonly lists: Map<string, List>
}

type Reply = readonly [code: number, body: Json]
type Command = (registry: Registry, ...words: string[]) => Reply

const contactsAtMost = 100
const listsAtMost = 150

const refused = (code: number): Reply => [code, null]
const done: Reply = [200, null]

const register = ({ contacts }: Registry, name: string, ip: string, port: string): Reply => {
  if (!/^\d+$/.test(port)) throw new Error(`no port: ${port}`)
  if (contacts.has(name)) return refused(455)
  if (contacts.size >= contactsAtMost) return refused(456)
  contacts.set(name, { name, ip: ip.replace(/^['"]+|['"]+$/g, ''), port: BigInt(port) })
  return done
}

const create = ({ lists }: Registry, name: string): Reply => {
  if (lists.has(name)) return refused(457)
  if (lists.size >= listsAtMost) return refused(458)
  lists.set(name, { name, members: new Set(), ongoing: [] })
  return done
}

const queryLists = ({ lists }: Registry): Reply =>
  [200, new Map<string, Json>([['num_lists', BigInt(lists.size)], ['list_names', [...lists.keys()]]])]

/** A command about one contact in one list: it answers 459 and 460 itself, in this order. */
const within = (decide: (list: List, contact: Contact) => Reply): Command =>
  ({ contacts, lists }, listName: string, contactName: string) => {
    const contact = contacts.get(contactName)
    if (contact === undefined) return refused(459)
    const list = lists.get(listName)
    if (list === undefined) return refused(460)
    return decide(list, contact)
  }

const join = within(({ members, ongoing }, contact) => {
  if (members.has(contact)) return refused(461)
  if (ongoing.length > 0) return refused(463)
  members.add(contact)
  return done
})

const leave = within(({ members, ongoing }, contact) => {
  if (!members.has(contact)) return refused(464)
  if (ongoing.length > 0) return refused(463)
  members.delete(contact)
  return done
})

const describe = ({ name, ip, port }: Contact): Json => new Map<string, Json>([['name', name], ['ip', ip], ['port', port]])

const imStart = within(({ members, ongoing }, contact) => {
  if (!members.has(contact)) return refused(464)
  ongoing.push(contact)
  const ring = [contact, ...[...members].filter((member) => member !== contact)]
  return [200, new Map<string, Json>([['num_contacts_in_list', BigInt(ring.length)], ['contact_list', ring.map(describe)]])]
})

const imComplete = within(({ members, ongoing }, contact) => {
  if (!members.has(contact)) return refused(464)
  const own = ongoing.indexOf(contact)
  if (own === -1) return refused(465)
  ongoing.splice(own, 1)
  return done
})

const exit = ({ contacts, lists }: Registry, name: string): Reply => {
  const contact = contacts.get(name)
  if (contact === undefined) return refused(459)
  const own = [...lists.values()].filter(({ members }) => members.has(contact))
  if (own.some(({ ongoing }) => ongoing.length > 0)) return refused(463)
  for (const { members } of own) members.delete(contact)
  contacts.delete(name)
  return done
}

const counted = (contacts: Iterable<Contact>): readonly string[] => {
  const lines = Array.from(contacts, ({ name, ip, port }) => `${name} ${ip} ${port}`)
  return [String(lines.length), ...lines]
}

const save = ({ contacts, lists }: Registry, file: string): Reply => {
  const ofLists = [...lists.values()].flatMap(({ name, members }) => [name, ...counted(members)])
  try {
    writeFileSync(file, [...counted(contacts.values()), String(lists.size), ...ofLists].join('\n'))
  } catch {
    return refused(462)
  }
  return done
}

const commands: ReadonlyMap<string, Command> = new Map<string, Command>([
  ['register', register],
  ['create', create],
  ['query-lists', queryLists],
  ['join', join],
  ['leave', leave],
  ['exit', exit],
  ['im-start', imStart],
  ['im-complete', imComplete],
  ['save', save],
])

/** Carries out one request and gives the text of its reply. Throws at an unknown command, a wrong number of arguments, a bad port. */
export const answer = (registry: Registry, request: string): string => {
  const [word = '', ...args] = request.split('-_-')
  const command = commands.get(word)
  if (command === undefined) throw new Error(`unknown command: ${word}`)
  // A function's own length says how many arguments it wants, the registry being the first of its parameters.
  if (args.length !== command.length - 1) throw new Error(`${word} with ${args.length} arguments`)
  const [code, body] = command(registry, ...args)
  return `${code}-_-${dumps(body)}`
}
