// Keys and what is made of them, as the core names them: text in lower-case hexadecimal digits, so that they compare, sort and index like
// names. What they do (`channel/ciphers`) comes in as a record of functions.
import * as t from 'io-ts'

export interface PublicKeyBrand { readonly PublicKey: unique symbol }
export interface ContactIdBrand { readonly ContactId: unique symbol }
export interface NonceBrand { readonly Nonce: unique symbol }
export interface ProcessIdBrand { readonly ProcessId: unique symbol }
export interface ImIdBrand { readonly ImId: unique symbol }
export interface DigestBrand { readonly Digest: unique symbol }
export interface TagBrand { readonly Tag: unique symbol }
export interface SignatureBrand { readonly Signature: unique symbol }

const isHex = (text: string, bytes: number): boolean => text.length === 2 * bytes && /^[0-9a-f]*$/.test(text)

/** 32 bytes in 64 digits: an X25519 key (RFC 7748), which seals, or an Ed25519 key (RFC 8032), which signs. */
export const PublicKey = t.brand(t.string, (s): s is t.Branded<string, PublicKeyBrand> => isHex(s, 32), 'PublicKey')
export type PublicKey = t.TypeOf<typeof PublicKey>

/** 32 bytes in 64 digits: the hash of a contact's two public keys. Who somebody is; the name is a label. */
export const ContactId = t.brand(t.string, (s): s is t.Branded<string, ContactIdBrand> => isHex(s, 32), 'ContactId')
export type ContactId = t.TypeOf<typeof ContactId>

/** 16 bytes in 32 digits, drawn once by each process of a peer: its register is repeated under the same one. */
export const Nonce = t.brand(t.string, (s): s is t.Branded<string, NonceBrand> => isHex(s, 16), 'Nonce')
export type Nonce = t.TypeOf<typeof Nonce>

/** 8 bytes in 16 digits, drawn at each start of a server: whose clock an instant is of (`sboot`). */
export const ProcessId = t.brand(t.string, (s): s is t.Branded<string, ProcessIdBrand> => isHex(s, 8), 'ProcessId')
export type ProcessId = t.TypeOf<typeof ProcessId>

/** 14 bytes in 28 digits: the process of the server that granted a message, and the journal position of its im-start. No two messages share one. */
export const ImId = t.brand(t.string, (s): s is t.Branded<string, ImIdBrand> => isHex(s, 14), 'ImId')
export type ImId = t.TypeOf<typeof ImId>

/** 32 bytes in 64 digits: a hash (BLAKE2b-256) of what it names. */
export const Digest = t.brand(t.string, (s): s is t.Branded<string, DigestBrand> => isHex(s, 32), 'Digest')
export type Digest = t.TypeOf<typeof Digest>

/** 16 bytes in 32 digits: a message authentication code, or a sum of several. */
export const Tag = t.brand(t.string, (s): s is t.Branded<string, TagBrand> => isHex(s, 16), 'Tag')
export type Tag = t.TypeOf<typeof Tag>

/** 64 bytes in 128 digits: an Ed25519 signature (RFC 8032). */
export const Signature = t.brand(t.string, (s): s is t.Branded<string, SignatureBrand> => isHex(s, 64), 'Signature')
export type Signature = t.TypeOf<typeof Signature>

/** Who holds which keys. */
export const Identity = t.readonly(
  t.strict({
    id: ContactId,
    /** Ed25519 */
    signs: PublicKey,
    /** X25519 */
    seals: PublicKey,
  }),
  'Identity',
)
export type Identity = t.TypeOf<typeof Identity>
