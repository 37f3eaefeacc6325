// Requests of the classic wire: UTF-8, the command word and its arguments joined with `-_-`, one datagram.
//
//   register-_-Me-_-192.0.2.7-_-22000          im-start-_-list_1-_-Me          save-_-config.txt
//
// Decoding is total: every text is a request or `Malformed`, with the argument at which it stopped and what was expected there.
// What begins like a reply is told apart first: two servers that answered each other's answers would never stop.
import { left, right, type Either } from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { Address, Host, portFrom } from '../../address.js'
import { ContactName, ListName, nameRule } from '../../names.js'
import { malformed, type Malformed } from '../malformed.js'

export const separator = '-_-'

const onListAndContact = <K extends 'Join' | 'Leave' | 'ImStart' | 'ImComplete'>(_tag: K) =>
  t.readonly(t.strict({ _tag: t.literal(_tag), list: ListName, contact: ContactName }))

/** JSON as it stands. */
export const Request = t.union(
  [
    t.readonly(t.strict({ _tag: t.literal('Register'), contact: ContactName, address: Address })),
    t.readonly(t.strict({ _tag: t.literal('Create'), list: ListName })),
    t.readonly(t.strict({ _tag: t.literal('QueryLists') })),
    onListAndContact('Join'),
    onListAndContact('Leave'),
    t.readonly(t.strict({ _tag: t.literal('Exit'), contact: ContactName })),
    onListAndContact('ImStart'),
    onListAndContact('ImComplete'),
    /** `file` is as it came: whether it is a plain name is the server's to say (462) */
    t.readonly(t.strict({ _tag: t.literal('Save'), file: t.string })),
  ],
  'Request',
)
export type Request = t.TypeOf<typeof Request>

/** The command word of each request. */
export const words = {
  Register: 'register',
  Create: 'create',
  QueryLists: 'query-lists',
  Join: 'join',
  Leave: 'leave',
  Exit: 'exit',
  ImStart: 'im-start',
  ImComplete: 'im-complete',
  Save: 'save',
} as const satisfies { readonly [K in Request['_tag']]: string }

/** A request's arguments, in the wire's order. */
export const argumentsOf = (request: Request): ReadonlyArray<string> => {
  switch (request._tag) {
    case 'Register': return [request.contact, request.address.ip, String(request.address.port)]
    case 'Create': return [request.list]
    case 'QueryLists': return []
    case 'Exit': return [request.contact]
    case 'Save': return [request.file]
    case 'Join':
    case 'Leave':
    case 'ImStart':
    case 'ImComplete': return [request.list, request.contact]
  }
}

export const encodeRequest = (request: Request): string => [words[request._tag], ...argumentsOf(request)].join(separator)

const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= 0x30 && byte <= 0x39

/** Three digits and a separator, whatever follows: a reply, which nobody answers. */
export const looksLikeReply = (bytes: Uint8Array): boolean =>
  isDigit(bytes[0]) && isDigit(bytes[1]) && isDigit(bytes[2]) && bytes[3] === 0x2d && bytes[4] === 0x5f && bytes[5] === 0x2d

type Decoded = Either<Malformed, Request>
type Decoder = (args: ReadonlyArray<string>) => Decoded

const wrongCount = (word: string, expected: string, args: ReadonlyArray<string>): Decoded =>
  left(malformed(args.length, `${word}: ${expected}`))
const notContact = (at: number): Decoded => left(malformed(at, `a contact's name: ${nameRule}`))
const notList = (at: number): Decoded => left(malformed(at, `a list's name: ${nameRule}`))

/** An original that was given quotes sends them along; an address has none of its own. */
const unquoted = (text: string): string => text.replace(/^['"]+|['"]+$/g, '')

const register: Decoder = (args) => {
  const [, contact, ip, port] = args
  if (args.length !== 4 || contact === undefined || ip === undefined || port === undefined) {
    return wrongCount('register', 'a contact, an address and a port', args)
  }
  if (!ContactName.is(contact)) return notContact(1)
  const host = unquoted(ip)
  if (!Host.is(host)) return left(malformed(2, 'an IPv4 or IPv6 address'))
  const number = portFrom(unquoted(port))
  if (number === undefined) return left(malformed(3, 'a port from 1 to 65534'))
  return right({ _tag: 'Register', contact, address: { ip: host, port: number } })
}

const listAndContact =
  (_tag: 'Join' | 'Leave' | 'ImStart' | 'ImComplete'): Decoder =>
  (args) => {
    const [, list, contact] = args
    if (args.length !== 3 || list === undefined || contact === undefined) return wrongCount(words[_tag], 'a list and a contact', args)
    if (!ListName.is(list)) return notList(1)
    if (!ContactName.is(contact)) return notContact(2)
    return right({ _tag, list, contact })
  }

const decoders: ReadonlyMap<string, Decoder> = new Map<string, Decoder>([
  [words.Register, register],
  [words.Join, listAndContact('Join')],
  [words.Leave, listAndContact('Leave')],
  [words.ImStart, listAndContact('ImStart')],
  [words.ImComplete, listAndContact('ImComplete')],
  [words.QueryLists, (args) => (args.length === 1 ? right({ _tag: 'QueryLists' }) : wrongCount(words.QueryLists, 'no argument', args))],
  [words.Create, (args) => {
    const [, list] = args
    if (args.length !== 2 || list === undefined) return wrongCount(words.Create, 'a list', args)
    return ListName.is(list) ? right({ _tag: 'Create', list }) : notList(1)
  }],
  [words.Exit, (args) => {
    const [, contact] = args
    if (args.length !== 2 || contact === undefined) return wrongCount(words.Exit, 'a contact', args)
    return ContactName.is(contact) ? right({ _tag: 'Exit', contact }) : notContact(1)
  }],
  [words.Save, (args) => {
    const [, file] = args
    return args.length === 2 && file !== undefined ? right({ _tag: 'Save', file }) : wrongCount(words.Save, 'a file name', args)
  }],
])

/** No request has more words than a register; the rest of a longer text is one word too many. */
const mostWords = 5

/** The words between the separators, at most `room` of them. (Measured: `split` takes more than twice as long.) */
const wordsOf = (text: string, from: number, room: number): ReadonlyArray<string> => {
  const to = room > 1 ? text.indexOf(separator, from) : -1
  return to < 0 ? [text.slice(from)] : [text.slice(from, to), ...wordsOf(text, to + separator.length, room - 1)]
}

/** The request in a datagram's text. `at` of a failure counts arguments, the command word being 0. */
export const decodeRequest = (text: string): Decoded => {
  const args = wordsOf(text, 0, mostWords)
  const decoder = decoders.get(args[0] ?? '')
  return decoder === undefined ? left(malformed(0, `one of ${Object.values(words).join(', ')}`)) : decoder(args)
}
