// A message on its way round the ring: JSON, one datagram, to the next contact's port + 1.
//
//   {"num_contacts_in_list": 3, "contact_list": [...], "text_message": "Hello", "pointer": 2, "peal": {"list": "l", "im": "5f2c..."}}
//
// Whoever receives it shows it and sends it on with `pointer` + 1 and everything else as it was. Ours goes on byte for byte, but for the
// digits of the pointer: keys that it does not know, numbers that it could not hold and the order of things are safe with it.
// `peal` is ours: by it a peer knows its own message again, and a duplicated datagram. An original passes it on.
import { isLeft, left, right, type Either } from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { limits } from '../../limits.js'
import { firstPointer } from '../../ring.js'
import { malformed, type Malformed } from '../malformed.js'
import { isLongerThan, utf8Length } from '../utf8.js'
import { parse, quoted, type Json, type JsonObject } from './json.js'
import { ContactList, encodeRing, membersOf, type RingMember } from './reply.js'

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
  /** the JSON before and after the pointer's digits */
  readonly around: readonly [before: string, after: string]
}

/** The relay that an initiator sends to index 1, in the bytes that an original would write: all ASCII. */
export const newRelay = (members: ReadonlyArray<RingMember>, text: string, mark: Mark): Relay => ({
  members,
  text,
  pointer: firstPointer,
  mark,
  around: [
    `{${encodeRing(members)}, "text_message": ${quoted(text)}, "pointer": `,
    `, "peal": {"list": ${quoted(mark.list)}, "im": ${quoted(mark.im)}}}`,
  ],
})

/** The same message, one step on. */
export const advanced = (relay: Relay): Relay => ({ ...relay, pointer: relay.pointer + 1 })

/** To be sent as UTF-8. */
export const encodeRelay = ({ around: [before, behind], pointer }: Relay): string => `${before}${pointer}${behind}`

/** The bytes that the relay will have at its longest, on its way home. */
export const longestRelay = (relay: Relay): number => utf8Length(encodeRelay({ ...relay, pointer: relay.members.length + 1 }))

const isObject = (json: Json): json is JsonObject => json !== null && typeof json === 'object' && !Array.isArray(json)

const markOf = (json: JsonObject): Mark | undefined => {
  const mark = Object.hasOwn(json, 'peal') ? json['peal'] : undefined
  return Mark.is(mark) ? { list: mark.list, im: mark.im } : undefined
}

const token = /"(?:[^"\\]|\\.)*"|[{}[\]:,]|[^\s{}[\]:,"]+/g

const written = '"pointer": '

/** Where the digits stand as an original writes them, or undefined: the words must come once, behind anything that could hide another. */
const plainPointerIn = (text: string): readonly [start: number, end: number] | undefined => {
  const at = text.indexOf(written)
  const isOnly = at >= 0 && text.indexOf('pointer', at + written.length) < 0 && text.indexOf('pointer') === at + 1
  if (!isOnly || text.includes('\\u00') || text.lastIndexOf('\\', at) >= 0) return undefined
  const start = at + written.length
  return [start, start + (/^\d+/.exec(text.slice(start, start + 4))?.[0].length ?? 0)]
}

/** Where the digits of the outermost object's `pointer` stand: the last one, as JSON has it when a key comes twice. `text` is JSON. */
const pointerIn = (text: string): readonly [start: number, end: number] => {
  const tokens = [...text.matchAll(token)]
  const found = tokens.reduce(
    ({ depth, at }, { 0: word }, i) => {
      if (word === '{' || word === '[') return { depth: depth + 1, at }
      if (word === '}' || word === ']') return { depth: depth - 1, at }
      const isKey = depth === 1 && tokens[i + 1]?.[0] === ':' && JSON.parse(word) === 'pointer'
      return { depth, at: isKey ? i + 2 : at }
    },
    { depth: 0, at: -1 },
  )
  const value = tokens[found.at]
  return value === undefined ? [text.length, text.length] : [value.index, value.index + value[0].length]
}

/** The relay in a datagram's text. `at` of a failure is 0: the object as a whole is at fault. */
export const decodeRelay = (text: string): Either<Malformed, Relay> => {
  if (isLongerThan(text, limits.classicDatagramBytes)) return left(malformed(limits.classicDatagramBytes, 'the end of the datagram'))
  const json = parse(text, 0)
  if (isLeft(json)) return json
  const whole = json.right
  if (!isObject(whole)) return left(malformed(0, 'a JSON object'))
  if (!Body.is(whole)) {
    return left(malformed(0, 'num_contacts_in_list, contact_list (each with name, ip, port), text_message and pointer'))
  }
  const { contact_list, num_contacts_in_list: count, pointer, text_message } = whole
  const members = membersOf(contact_list)
  if (count !== members.length) return left(malformed(0, `num_contacts_in_list ${members.length}, as there are in contact_list`))
  if (!Number.isInteger(pointer) || pointer < firstPointer || pointer > count + 1) {
    return left(malformed(0, `a pointer from ${firstPointer} to ${count + 1}`))
  }
  const [start, end] = plainPointerIn(text) ?? pointerIn(text)
  return right({ members, text: text_message, pointer, mark: markOf(whole), around: [text.slice(0, start), text.slice(end)] })
}
