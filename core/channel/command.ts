// What a channel can be given: by the network, by the machine above it, by the world. All of it by `Self`.
import type { PublicKey } from '../keys.js'
import type { Frame } from '../wire/sealed/index.js'
import type { Place } from './state.js'

export type Command =
  /** a datagram of the sealed wire; nothing about it is proven */
  | { readonly _tag: 'Arrive'; readonly bytes: Uint8Array; readonly from: Place }
  /** send `frame` to whoever holds that key: by the session `via` where it still is, else by the newest proven one, else after a hello to
   *  `place` (undefined: where it was last). `again`: an earlier send is unanswered, so a hello goes along */
  | {
      readonly _tag: 'Seal'
      readonly to: PublicKey
      readonly via: number | undefined
      readonly place: Place | undefined
      readonly appointed: boolean
      readonly frame: Frame
      readonly again: boolean
    }
  /** the key is a contact's, or a contact's new process speaks over `via`: see `bind` */
  | { readonly _tag: 'Bind'; readonly key: PublicKey; readonly via: number | undefined }
  /** the key is no contact's any more: its sessions end */
  | { readonly _tag: 'Part'; readonly key: PublicKey }
  /** the machine slept, or its clocks disagree: no session can be trusted to be fresh */
  | { readonly _tag: 'Slept' }
  /** the loop lags: the program has more to do than it can */
  | { readonly _tag: 'Lagged' }
  | { readonly _tag: 'Wake' }

export const wake: Command = { _tag: 'Wake' }
