// The table of the prompt's commands on the classic wire.
import { left, right, type Either } from 'fp-ts/lib/Either.js'
import { ContactName, FileName, fileNameRule, Host, ListName, nameRule, portFrom, type peer } from '../../core/index.js'
import { needed, optional, type Row } from './rows.js'

/** What a typed command means: a wish, and the line of text that an im-start may bring along. */
export interface Meaning {
  readonly wish: peer.Wish
  readonly text: string | undefined
}

export type CommandRow = Row<Meaning>

const list = needed('list', 'list')
const contact = needed('contact', 'contact')

const wish = (wished: peer.Wish, text?: string): Either<string, Meaning> => right({ wish: wished, text })
const notContact = (text = ''): Either<string, never> => left(`"${text}" cannot be a contact's name: ${nameRule}`)
const notList = (text = ''): Either<string, never> => left(`"${text}" cannot be a list's name: ${nameRule}`)

const onListAndContact =
  (_tag: 'Join' | 'Leave' | 'ImStart' | 'ImComplete'): CommandRow['meaning'] =>
  ([listName, contactName, text]) => {
    if (!ListName.is(listName)) return notList(listName)
    if (!ContactName.is(contactName)) return notContact(contactName)
    return wish({ _tag, list: listName, contact: contactName }, text)
  }

const register: CommandRow['meaning'] = ([name, ip, port]) => {
  if (!ContactName.is(name)) return notContact(name)
  if (ip !== undefined && !Host.is(ip)) return left(`"${ip}" is not an IPv4 or IPv6 address`)
  const number = port === undefined ? undefined : portFrom(port)
  if (port !== undefined && number === undefined) return left(`"${port}" is not a port: a number from 1 to 65534`)
  return wish({ _tag: 'Register', contact: name, ip, port: number })
}

export const commands: ReadonlyArray<CommandRow> = [
  {
    word: 'register',
    args: [contact, optional('ip', 'address'), optional('port', 'port')],
    summary: 'make a contact known to the server',
    detail: 'Without an address and a port it is this peer that messages for the contact come to. A port given is the one for commands: messages go to the port above it.',
    meaning: register,
  },
  {
    word: 'create',
    args: [list],
    summary: 'make a contact list, empty',
    detail: 'A name with blanks stands in quotes: create "list 1".',
    meaning: ([name]) => (ListName.is(name) ? wish({ _tag: 'Create', list: name }) : notList(name)),
  },
  {
    word: 'query-lists',
    args: [],
    summary: 'show the names of all lists',
    detail: 'In the order in which they were created.',
    meaning: () => wish({ _tag: 'QueryLists' }),
  },
  {
    word: 'join',
    args: [list, contact],
    summary: 'put a contact on a list',
    detail: 'Refused while the contact is part of an ongoing message anywhere, or the list has one: try again when it is complete.',
    meaning: onListAndContact('Join'),
  },
  {
    word: 'leave',
    args: [list, contact],
    summary: 'take a contact off a list',
    detail: 'Refused while the list has an ongoing message.',
    meaning: onListAndContact('Leave'),
  },
  {
    word: 'im-start',
    args: [list, contact, optional('text', 'text')],
    summary: 'send a message round the list, from that contact',
    detail: 'Asks for one line of text with "> ", or takes the rest of the line as it stands. From here to im-complete the list keeps its members.',
    meaning: onListAndContact('ImStart'),
  },
  {
    word: 'im-complete',
    args: [list, contact],
    summary: "end that contact's oldest ongoing message in the list",
    detail: 'To be given when the message has come home. Each im-start needs its own.',
    meaning: onListAndContact('ImComplete'),
  },
  {
    word: 'save',
    args: [needed('file', 'file')],
    summary: "save contacts and lists to a file in the server's folder",
    detail: `The file is ${fileNameRule}. A file of that name is replaced.`,
    meaning: ([file]) => (FileName.is(file) ? wish({ _tag: 'Save', file }) : left(`"${file ?? ''}" is not ${fileNameRule}`)),
  },
  {
    word: 'exit',
    args: [contact],
    summary: 'take the contact off every list, forget it, and end this program',
    detail: 'Refused while the contact is part of an ongoing message.',
    meaning: ([name]) => (ContactName.is(name) ? wish({ _tag: 'Exit', contact: name }) : notContact(name)),
  },
]
