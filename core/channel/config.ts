// What a channel is made with.
import type { Ciphers } from './ciphers.js'
import type { ProcessId } from '../keys.js'

export interface Config<H, K> {
  readonly ciphers: Ciphers<H, K>
  /** at a server: pongs tell its time. undefined at a peer */
  readonly process: ProcessId | undefined
  /** the answer to `who`, made once; undefined: nobody is told (a peer) */
  readonly whois: Uint8Array | undefined
  /** hellos a second beyond which a cookie is asked for; `limits.hellosASecond` */
  readonly hellosASecond: number
}
