// A message on its way round the ring: JSON, one datagram, to the next contact's port + 1.
//
//   {"num_contacts_in_list": 3, "contact_list": [...], "text_message": "Hello", "pointer": 2, "peal": {"list": "l", "im": "5f2c..."}}
//
// Whoever receives it shows it and sends it on with `pointer` + 1 and everything else as it was, keys that it does not know included.
// `peal` is ours: by it a peer knows its own message again, and a duplicated datagram. An original passes it on.
import { isLeft, left, right, type Either } from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { limits } from '../../limits.js'
import { firstPointer } from '../../ring.js'
import { malformed, type Malformed } from '../malformed.js'
import { utf8Length } from '../utf8.js'
import { dumps, parse, type Json, type JsonObject } from './json.js'
import { ContactList, type RingMember } from './reply.js'

/** Which list and which message: `im` is made by the initiating peer, 16 hexadecimal digits of randomness. */
export const Mark = t.readonly(t.strict({ list: t.string, im: t.string }))
export type Mark = t.TypeOf<typeof Mark>

const Body = t.type({ num_contacts_in_list: t.number, contact_list: ContactList, text_message: t.string, pointer: t.number })

/** Decoded: members >= 1, 2 <= pointer <= members + 1. */
export interface Relay {
  readonly members: ReadonlyArray<RingMember>
  readonly text: string
  readonly pointer: number
  /** undefined in what an original started */
  readonly mark: Mark | undefined
  /** the object as it came: passed on as it is, but for the pointer */
  readonly whole: JsonObject
}

const isObject = (json: Json): json is JsonObject => json !== null && typeof json === 'object' && !Array.isArray(json)

/** The relay that an initiator sends to index 1. */
export const newRelay = (members: ReadonlyArray<RingMember>, text: string, mark: Mark): Relay => ({
  members,
  text,
  pointer: firstPointer,
  mark,
  whole: {
    num_contacts_in_list: members.length,
    contact_list: members.map(({ name, ip, port }) => ({ name, ip, port })),
    text_message: text,
    pointer: firstPointer,
    peal: { list: mark.list, im: mark.im },
  },
})

/** The same message, one step on. */
export const advanced = (relay: Relay): Relay => ({
  ...relay,
  pointer: relay.pointer + 1,
  whole: { ...relay.whole, pointer: relay.pointer + 1 },
})

/** ASCII: as many bytes as characters, the very bytes that an original would send. */
export const encodeRelay = (relay: Relay): string => dumps(relay.whole)

/** The bytes that the relay will have at its longest, on its way home. */
export const longestRelay = (relay: Relay): number =>
  encodeRelay(relay).length + String(relay.members.length + 1).length - String(relay.pointer).length

const markOf = (json: JsonObject): Mark | undefined => {
  const mark = Object.hasOwn(json, 'peal') ? json['peal'] : undefined
  return Mark.is(mark) ? { list: mark.list, im: mark.im } : undefined
}

/** The relay in a datagram's text. `at` of a failure is 0: the object as a whole is at fault. */
export const decodeRelay = (text: string): Either<Malformed, Relay> => {
  if (utf8Length(text) > limits.classicDatagramBytes) return left(malformed(limits.classicDatagramBytes, 'the end of the datagram'))
  const json = parse(text, 0)
  if (isLeft(json)) return json
  const whole = json.right
  if (!isObject(whole)) return left(malformed(0, 'a JSON object'))
  if (!Body.is(whole)) {
    return left(malformed(0, 'num_contacts_in_list, contact_list (each with name, ip, port), text_message and pointer'))
  }
  const { contact_list: members, num_contacts_in_list: count, pointer, text_message } = whole
  if (count !== members.length) return left(malformed(0, `num_contacts_in_list ${members.length}, as there are in contact_list`))
  if (!Number.isInteger(pointer) || pointer < firstPointer || pointer > count + 1) {
    return left(malformed(0, `a pointer from ${firstPointer} to ${count + 1}`))
  }
  return right({ members, text: text_message, pointer, mark: markOf(whole), whole })
}
