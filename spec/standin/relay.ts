// The original's way round the ring, as values: what the initiator sends first, and what becomes of a relayed message at a receiver.
// The initiator is index 0 and sends to index 1 with pointer 2; `pointer` is always the index of the member after the receiver.
//
//     0 --pointer 2--> 1 --pointer 3--> 2 ... n-1 --pointer n+1--> 0
//
// It knows no socket. A field that is missing or of another type is thrown: the peer dies of it.
import { dumps, type Json, type JsonObject } from './dumps.js'
import type { Address } from './sockets.js'

/** What a peer does about a ring: shows a message, passes a datagram on, or announces completion, in this order. */
export interface Step {
  readonly shown?: { readonly from: string; readonly text: string }
  readonly passed?: { readonly datagram: string; readonly to: Address }
  /** the names of the ring, from the initiator on */
  readonly complete?: readonly string[]
}

const asObject = (value: Json): JsonObject => {
  if (value instanceof Map) return value as JsonObject
  throw new TypeError(`no object: ${dumps(value)}`)
}

const field = (value: Json, key: string): Json => {
  const found = asObject(value).get(key)
  if (found === undefined) throw new TypeError(`no ${key} in ${dumps(value)}`)
  return found
}

const textField = (value: Json, key: string): string => {
  const found = field(value, key)
  if (typeof found !== 'string') throw new TypeError(`${key} is no text: ${dumps(found)}`)
  return found
}

const wholeField = (value: Json, key: string): number => {
  const found = field(value, key)
  if (typeof found !== 'bigint') throw new TypeError(`${key} is no whole number: ${dumps(found)}`)
  return Number(found)
}

const membersOf = (ring: Json): readonly Json[] => {
  const members = field(ring, 'contact_list')
  if (!Array.isArray(members)) throw new TypeError(`no list: ${dumps(members)}`)
  return members as readonly Json[]
}

/** The member at an index; counted from the end if it is below 0, as in Python. */
const memberAt = (ring: Json, index: number): Json => {
  const member = membersOf(ring).at(index)
  if (member === undefined) throw new RangeError(`nobody at ${index} in ${dumps(ring)}`)
  return member
}

const sizeOf = (ring: Json): number => wholeField(ring, 'num_contacts_in_list')

const completed = (ring: Json): Step => ({ complete: membersOf(ring).map((member) => textField(member, 'name')) })

const passedTo = (message: JsonObject, index: number): NonNullable<Step['passed']> => {
  const member = memberAt(message, index)
  return { datagram: dumps(message), to: { ip: textField(member, 'ip'), port: wholeField(member, 'port') + 1 } }
}

/** The initiator's first step, from the body of its im-start reply. Alone in the list it is done. */
export const launch = (ring: Json, text: string): Step => {
  if (sizeOf(ring) <= 1) return completed(ring)
  return { passed: passedTo(new Map([...asObject(ring), ['text_message', text], ['pointer', 2n]]), 1) }
}

/** A receiver's step. Every key of the message goes on in its place, known or not; only `pointer` is counted up. */
export const advance = (message: Json): Step => {
  const size = sizeOf(message)
  const pointer = wholeField(message, 'pointer')
  if (pointer > size) return completed(message)
  return {
    shown: { from: textField(memberAt(message, 0), 'name'), text: textField(message, 'text_message') },
    passed: passedTo(new Map(asObject(message)).set('pointer', BigInt(pointer) + 1n), pointer === size ? 0 : pointer),
  }
}
