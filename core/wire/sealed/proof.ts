// What a contact signs to show that both of its keys are its own.
import type { ContactId, PublicKey } from '../../keys.js'
import { encodeUtf8 } from '../utf8.js'
import { encodeWith, joined } from './bytes.js'
import { contactId, publicKey } from './values.js'

const domain = encodeUtf8('peal contact 1')

/** The 78 bytes that a contact signs with its Ed25519 key in its register: `peal contact 1`, its X25519 key, and the id of the server, so that
 *  the signature is good for this key, at this server, and for nothing else. */
export const proofOf = (seals: PublicKey, server: ContactId): Uint8Array =>
  joined([domain, encodeWith(publicKey, seals), encodeWith(contactId, server)])
