// Noise_IK_25519_ChaChaPoly_BLAKE2b (The Noise Protocol Framework, revision 34), both roles, for payloads of any length:
//
//   message 1   e, es, s, ss, payload      to whom it is for is known beforehand; its static key is in the prologue's hash
//   message 2   e, ee, se, payload
//
// noise-handshake changes in place: at the end it zeroes the ephemeral, and in the message it has just read the other's. So it is given copies
// (`new Uint8Array`: the `slice` of a Buffer, which is what a socket gives, is none), and a handshake that was begun is kept as what message 1
// was made of: whoever finishes it makes that message once more.
import Handshake from 'noise-handshake'
import sodium from 'sodium-native'
import { attempt } from './attempt.js'

/** A session's keys, for sending and for receiving: 32 bytes each. */
export interface Keys {
  readonly tx: Uint8Array
  readonly rx: Uint8Array
}

/** What both sides have in the end: the keys, and the 64 bytes of the handshake's hash, which no other handshake has. */
export interface Agreed {
  readonly keys: Keys
  readonly hash: Uint8Array
}

/** Keys and messages as bytes; nothing throws, nothing given is changed. `undefined`: forged, damaged, or a key that is a low-order point. */
export interface Ik<H> {
  readonly begin: (to: Uint8Array, payload: Uint8Array, ephemeral: Uint8Array) => { readonly message: Uint8Array; readonly begun: H } | undefined
  /** `payload`: message 2's */
  readonly accept: (
    message: Uint8Array,
    payload: Uint8Array,
    ephemeral: Uint8Array,
  ) => (Agreed & { readonly from: Uint8Array; readonly payload: Uint8Array; readonly answer: Uint8Array }) | undefined
  readonly finish: (begun: H, answer: Uint8Array) => (Agreed & { readonly payload: Uint8Array }) | undefined
}

interface KeyPair {
  readonly publicKey: Uint8Array
  readonly secretKey: Uint8Array
}

/** What message 1 was made of. */
export interface Begun {
  readonly to: Uint8Array
  readonly payload: Uint8Array
  readonly ephemeral: KeyPair
}

/** The X25519 key pair of that secret. */
export const pairOf = (secret: Uint8Array): KeyPair => {
  const publicKey = new Uint8Array(32)
  sodium.crypto_scalarmult_base(publicKey, secret)
  return { publicKey, secretKey: new Uint8Array(secret) }
}

const copy = ({ publicKey, secretKey }: KeyPair): KeyPair => ({ publicKey: new Uint8Array(publicKey), secretKey: new Uint8Array(secretKey) })

/** Plain arrays of their own, where the library gives windows on larger Buffers. */
const agreed = ({ tx, rx, hash }: Handshake): Agreed => ({
  keys: { tx: new Uint8Array(tx), rx: new Uint8Array(rx) },
  hash: new Uint8Array(hash),
})

/** The handshakes of whoever has that static secret, under that prologue. */
export const ik = (prologue: Uint8Array, secret: Uint8Array): Ik<Begun> => {
  const own = pairOf(secret)

  const initiate = ({ to, payload, ephemeral }: Begun): { readonly handshake: Handshake; readonly message: Uint8Array } => {
    const handshake = new Handshake('IK', true, own)
    handshake.e = copy(ephemeral)
    handshake.initialise(prologue, to)
    return { handshake, message: new Uint8Array(handshake.send(payload)) }
  }

  return {
    begin: (to, payload, ephemeral) =>
      attempt(() => {
        const begun = { to: new Uint8Array(to), payload: new Uint8Array(payload), ephemeral: pairOf(ephemeral) }
        return { message: initiate(begun).message, begun }
      }),

    accept: (message, payload, ephemeral) =>
      attempt(() => {
        const handshake = new Handshake('IK', false, own)
        handshake.initialise(prologue)
        const received = new Uint8Array(handshake.recv(new Uint8Array(message)))
        const from = new Uint8Array(handshake.rs)
        handshake.e = pairOf(ephemeral)
        const answer = new Uint8Array(handshake.send(payload))
        return { from, payload: received, answer, ...agreed(handshake) }
      }),

    finish: (begun, answer) =>
      attempt(() => {
        const { handshake } = initiate(begun)
        return { payload: new Uint8Array(handshake.recv(new Uint8Array(answer))), ...agreed(handshake) }
      }),
  }
}
