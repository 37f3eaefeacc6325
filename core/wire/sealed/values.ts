// The core's own values as fields of a frame: what is read is one of them, or the frame is malformed.
import * as t from 'io-ts'
import { Host, Port } from '../../address.js'
import type { ContactId, Digest, ImId, Nonce, ProcessId, PublicKey, Signature, Tag } from '../../keys.js'
import { ContactName, ListName, nameRule } from '../../names.js'
import { Instant } from '../../time.js'
import { hex, text, uint, type Field } from './bytes.js'
import { oneOf, only } from './shapes.js'

/** Who may join a list: `open` anybody, classic contacts too; `sealed` any contact with a key; `closed` whom its owner invited. */
export const Policy = t.keyof({ open: null, sealed: null, closed: null })
export type Policy = t.TypeOf<typeof Policy>

export const policy = oneOf<Policy>({ open: 0, sealed: 1, closed: 2 }, 'a policy')

export const contactName = only(text, ContactName.is, `a contact's name: ${nameRule}`)
export const listName = only(text, ListName.is, `a list's name: ${nameRule}`)
export const host = only(text, Host.is, 'an IPv4 or IPv6 address or a host name')
export const port = only(uint(2), Port.is, 'a port from 1 to 65534')

/** So many bytes are digits of that length, whatever they are, and that is all that these ask for: there is nothing left to check. */
const digits = <A extends string>(bytes: number): Field<A> => hex(bytes) as unknown as Field<A>

export const publicKey = digits<PublicKey>(32)
export const contactId = digits<ContactId>(32)
export const nonce = digits<Nonce>(16)
export const digest = digits<Digest>(32)
export const tag = digits<Tag>(16)
export const signature = digits<Signature>(64)
export const imId = digits<ImId>(14)
export const processId = digits<ProcessId>(8)

/** A position of the journal; 48 bits, as for an instant, are more than any journal has. */
export const position = uint(6)

/** In 48 bits, which last until the year 10889. */
export const instant = only(position, Instant.is, 'an instant')
