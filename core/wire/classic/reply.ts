// Replies of the classic wire: `<code>-_-<json>`. The JSON is null but for the two that carry something:
//
//   200-_-{"num_lists": 2, "list_names": ["list_1", "list_2"]}
//   200-_-{"num_contacts_in_list": 1, "contact_list": [{"name": "Me", "ip": "192.0.2.7", "port": 22000}]}
import { isLeft, left, right, type Either } from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { Host, Port, type Address } from '../../address.js'
import { malformed, type Malformed } from '../malformed.js'
import { parse, quoted } from './json.js'
import { separator } from './request.js'

/** The same text in one piece. An engine keeps what was put together as a tree of its parts until a character is looked at; measured: the
 *  rings of 100,000 contacts are written twice as fast without those trees. */
const flat = (text: string): string => (text.charCodeAt(0) === 0 ? '' : text)

const Member = t.strict({ name: t.string, ip: Host, port: Port })

/** A member as a ring names it. Its name is somebody's text: an original server takes any. */
export interface RingMember extends t.TypeOf<typeof Member> {
  /** the JSON of the three, where it was made beforehand: a server writes rings far more often than it registers contacts */
  readonly json?: string
}

const memberJson = ({ name, ip, port }: RingMember): string => `{"name": ${quoted(name)}, "ip": ${quoted(ip)}, "port": ${port}}`

const jsonOf = (member: RingMember): string => member.json ?? memberJson(member)

export const ringMember = (name: string, { ip, port }: Address): RingMember => ({ name, ip, port })

/** The same with its JSON made beforehand. */
export const prepared = <N extends string>({ name, ip, port }: RingMember & { readonly name: N }): Required<RingMember> & { readonly name: N } => ({
  name, ip, port, json: flat(memberJson({ name, ip, port })),
})

/** The initiator first, then the others in the order in which they joined; never empty. */
export const ContactList = t.refinement(t.readonlyArray(Member), (members) => members.length > 0, 'ContactList')

/** The members of a decoded ring. */
export const membersOf = (list: t.TypeOf<typeof ContactList>): ReadonlyArray<RingMember> => list.map((member) => ringMember(member.name, member))

const ListsBody = t.strict({ num_lists: t.number, list_names: t.readonlyArray(t.string) })
const RingBody = t.strict({ num_contacts_in_list: t.number, contact_list: ContactList })

export type ReplyBody =
  | { readonly _tag: 'Nothing' }
  | { readonly _tag: 'Lists'; readonly names: ReadonlyArray<string> }
  | { readonly _tag: 'Ring'; readonly members: ReadonlyArray<RingMember> }

/** `code` is three digits, 0..999. */
export interface ReplyPacket {
  readonly code: number
  readonly body: ReplyBody
}

export const nothing: ReplyBody = { _tag: 'Nothing' }

/** The JSON object's inside: shared by the im-start reply and by the relay, which only adds two keys. */
export const encodeRing = (members: ReadonlyArray<RingMember>): string =>
  `"num_contacts_in_list": ${members.length}, "contact_list": [${members.map(jsonOf).join(', ')}]`

const encodeBody = (body: ReplyBody): string => {
  switch (body._tag) {
    case 'Nothing': return 'null'
    case 'Lists': return `{"num_lists": ${body.names.length}, "list_names": [${body.names.map(quoted).join(', ')}]}`
    case 'Ring': return `{${encodeRing(body.members)}}`
  }
}

/** ASCII: as many bytes as characters. */
export const encodeReply = ({ code, body }: ReplyPacket): string => `${String(code).padStart(3, '0')}${separator}${encodeBody(body)}`

const emptyRing = encodeReply({ code: 200, body: { _tag: 'Ring', members: [] } }).length
const emptyLists = encodeReply({ code: 200, body: { _tag: 'Lists', names: [] } }).length
const commas = (count: number): number => Math.max(0, 2 * (count - 1))
const digits = (count: number): number => String(count).length - 1

/** The bytes of the reply that brings this ring, without writing it. */
export const ringReplyBytes = (members: ReadonlyArray<RingMember>): number =>
  members.reduce((bytes, member) => bytes + jsonOf(member).length, emptyRing + commas(members.length) + digits(members.length))

/** The bytes of the reply that brings these names, without writing it. */
export const listsReplyBytes = (names: ReadonlyArray<string>): number =>
  names.reduce((bytes, name) => bytes + quoted(name).length, emptyLists + commas(names.length) + digits(names.length))

const bodyAt = 3 + separator.length

/** The reply in a datagram's text. `at` of a failure counts characters. Keys that we do not know are passed over. */
export const decodeReply = (text: string): Either<Malformed, ReplyPacket> => {
  if (!/^\d{3}-_-/.test(text)) return left(malformed(0, 'three digits and -_-'))
  const code = Number(text.slice(0, 3))
  const json = parse(text.slice(bodyAt), bodyAt)
  if (isLeft(json)) return json
  if (json.right === null) return right({ code, body: nothing })
  if (ListsBody.is(json.right) && json.right.num_lists === json.right.list_names.length) {
    return right({ code, body: { _tag: 'Lists', names: json.right.list_names } })
  }
  if (RingBody.is(json.right) && json.right.num_contacts_in_list === json.right.contact_list.length) {
    return right({ code, body: { _tag: 'Ring', members: membersOf(json.right.contact_list) } })
  }
  return left(malformed(bodyAt, 'null, the names of the lists or the members of a ring, with their number'))
}
