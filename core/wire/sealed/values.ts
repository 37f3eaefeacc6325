// The core's own values as fields of a frame: what is read is one of them, or the frame is malformed.
import * as t from 'io-ts'
import { Host, Port } from '../../address.js'
import { ContactId, Digest, ImId, Nonce, ProcessId, PublicKey, Signature, Tag } from '../../keys.js'
import { ContactName, ListName, nameRule } from '../../names.js'
import { Instant } from '../../time.js'
import { hex, text, uint } from './bytes.js'
import { oneOf, only } from './shapes.js'

/** Who may join a list: `open` anybody, classic contacts too; `sealed` any contact with a key; `closed` whom its owner invited. */
export const Policy = t.keyof({ open: null, sealed: null, closed: null })
export type Policy = t.TypeOf<typeof Policy>

export const policy = oneOf<Policy>({ open: 0, sealed: 1, closed: 2 }, 'a policy')

export const contactName = only(text, ContactName.is, `a contact's name: ${nameRule}`)
export const listName = only(text, ListName.is, `a list's name: ${nameRule}`)
export const host = only(text, Host.is, 'an IPv4 or IPv6 address or a host name')
export const port = only(uint(2), Port.is, 'a port from 1 to 65534')
export const publicKey = only(hex(32), PublicKey.is, 'a public key')
export const contactId = only(hex(32), ContactId.is, "a contact's id")
export const nonce = only(hex(16), Nonce.is, 'a nonce')
export const digest = only(hex(32), Digest.is, 'a hash')
export const tag = only(hex(16), Tag.is, 'a tag')
export const signature = only(hex(64), Signature.is, 'a signature')
export const imId = only(hex(14), ImId.is, "a message's id")
export const processId = only(hex(8), ProcessId.is, "a process's id")

/** A position of the journal; 48 bits, as for an instant, are more than any journal has. */
export const position = uint(6)

/** In 48 bits, which last until the year 10889. */
export const instant = only(position, Instant.is, 'an instant')
