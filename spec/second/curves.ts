// X25519 and Ed25519 of node:crypto, which takes and gives keys in DER (RFC 8410): the raw 32 bytes stand behind a fixed prefix.
import { createPrivateKey, createPublicKey, diffieHellman, sign as signWith, verify as verifyWith, type KeyObject } from 'node:crypto'

/** The last byte of the curve's object identifier, 1.3.101.x */
const curves = { x25519: '6e', ed25519: '70' } as const
type Curve = keyof typeof curves

const privateKey = (curve: Curve, secret: Uint8Array): KeyObject =>
  createPrivateKey({ key: Buffer.concat([Buffer.from(`302e020100300506032b65${curves[curve]}04220420`, 'hex'), secret]), format: 'der', type: 'pkcs8' })

const publicKey = (curve: Curve, bytes: Uint8Array): KeyObject =>
  createPublicKey({ key: Buffer.concat([Buffer.from(`302a300506032b65${curves[curve]}032100`, 'hex'), bytes]), format: 'der', type: 'spki' })

/** The 32 bytes of the public key of that secret. */
export const publicOf = (curve: Curve, secret: Uint8Array): Uint8Array =>
  new Uint8Array(createPublicKey(privateKey(curve, secret)).export({ format: 'der', type: 'spki' }).subarray(-32))

/** X25519 (RFC 7748). Throws where the result is all zero: `theirs` is a low-order point. */
export const shared = (secret: Uint8Array, theirs: Uint8Array): Uint8Array =>
  diffieHellman({ privateKey: privateKey('x25519', secret), publicKey: publicKey('x25519', theirs) })

/** Ed25519 (RFC 8032) */
export const sign = (secret: Uint8Array, bytes: Uint8Array): Uint8Array => new Uint8Array(signWith(null, bytes, privateKey('ed25519', secret)))
export const verify = (by: Uint8Array, bytes: Uint8Array, signature: Uint8Array): boolean =>
  verifyWith(null, bytes, publicKey('ed25519', by), signature)
