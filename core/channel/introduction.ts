// First contact: a server says who it is to anybody who asks, in fewer bytes than were asked with, and signs it. Nothing is drawn, computed or
// kept for it.
import { encodeUtf8 } from '../wire/utf8.js'
import { bytesOf, hexOf, joined } from '../wire/sealed/bytes.js'
import { decodeDatagram, whois } from '../wire/sealed/datagram.js'
import type { Ciphers } from './ciphers.js'
import type { Identity, PublicKey } from '../keys.js'

const domain = encodeUtf8('peal server 1')

const signedBytes = (signs: Uint8Array, seals: Uint8Array): Uint8Array => joined([domain, signs, seals])

/** The 132 bytes with which a server answers `who`: made once, always the same. */
export const introduction = ({ own, sign }: Pick<Ciphers<unknown, unknown>, 'own' | 'sign'>): Uint8Array => {
  const [signs, seals] = [bytesOf(own.signs), bytesOf(own.seals)]
  return whois(signs, seals, sign(signedBytes(signs, seals)))
}

/** Who introduces himself in these bytes, and whether he holds the signing key that he shows; undefined: nobody does. */
export const introduced = (
  { idOf, verify }: Pick<Ciphers<unknown, unknown>, 'idOf' | 'verify'>,
  bytes: Uint8Array,
): { readonly server: Identity; readonly proven: boolean } | undefined => {
  const datagram = decodeDatagram(bytes)
  if (datagram?._tag !== 'Whois') return undefined
  const { signature } = datagram
  const [signs, seals] = [hexOf(datagram.signs) as PublicKey, hexOf(datagram.seals) as PublicKey]
  return { server: { id: idOf(signs, seals), signs, seals }, proven: verify(signs, signedBytes(datagram.signs, datagram.seals), signature) }
}
