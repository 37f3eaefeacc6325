// What this program uses of sodium-native 5, which brings no types. Each throws where a length is wrong or, in opening and in multiplying, where
// libsodium says no; outputs come first.
declare module 'sodium-native' {
  type Seal = (sealed: Uint8Array, plain: Uint8Array, associated: Uint8Array, secretNonce: null, nonce: Uint8Array, key: Uint8Array) => number
  type Open = (plain: Uint8Array, secretNonce: null, sealed: Uint8Array, associated: Uint8Array, nonce: Uint8Array, key: Uint8Array) => number

  const sodium: {
    readonly crypto_aead_chacha20poly1305_ietf_encrypt: Seal
    readonly crypto_aead_chacha20poly1305_ietf_decrypt: Open
    readonly crypto_aead_xchacha20poly1305_ietf_encrypt: Seal
    readonly crypto_aead_xchacha20poly1305_ietf_decrypt: Open
    readonly crypto_generichash: (hash: Uint8Array, bytes: Uint8Array, key?: Uint8Array) => void
    readonly crypto_scalarmult: (agreed: Uint8Array, secretKey: Uint8Array, publicKey: Uint8Array) => void
    readonly crypto_scalarmult_base: (publicKey: Uint8Array, secretKey: Uint8Array) => void
    readonly crypto_sign_seed_keypair: (publicKey: Uint8Array, secretKey: Uint8Array, seed: Uint8Array) => void
    readonly crypto_sign_detached: (signature: Uint8Array, bytes: Uint8Array, secretKey: Uint8Array) => void
    readonly crypto_sign_verify_detached: (signature: Uint8Array, bytes: Uint8Array, publicKey: Uint8Array) => boolean
    readonly randombytes_buf: (bytes: Uint8Array) => void
  }

  export = sodium
}
