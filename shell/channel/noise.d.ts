// What this program uses of noise-handshake 4, which brings no types: one end of a handshake, a message at a time.
declare module 'noise-handshake' {
  interface KeyPair {
    readonly publicKey: Uint8Array
    readonly secretKey: Uint8Array
  }

  class Handshake {
    constructor(pattern: 'IK', initiator: boolean, own: KeyPair)
    /** the ephemeral; drawn at the first message where nobody set it; zeroed at the last */
    e: KeyPair | null
    /** the other side's static key, once it is known */
    readonly rs: Uint8Array
    /** after the last message: the keys for sending and receiving, in the first 32 bytes, and the handshake's hash */
    readonly tx: Uint8Array
    readonly rx: Uint8Array
    readonly hash: Uint8Array
    initialise(prologue: Uint8Array, to?: Uint8Array): void
    send(payload: Uint8Array): Uint8Array
    /** throws where the message is forged; zeroes a part of it at the last */
    recv(message: Uint8Array): Uint8Array
  }

  export = Handshake
}
