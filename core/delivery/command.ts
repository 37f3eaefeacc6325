// What a courier can be given: by its user, by the server through the peer, by co-members through the channel, by the world.
import type { Address } from '../address.js'
import type { Identity, ImId, ProcessId, PublicKey, Tag } from '../keys.js'
import type { ListName } from '../names.js'
import type { Instant } from '../time.js'
import type { Answer } from '../wire/sealed/answer.js'
import type { Ack, Knock, MissedNone, MissedWanted, Relay, RingTold, RingWanted } from '../wire/sealed/frame.js'

/** How many times the usual lease is asked for. */
export type Patience = 'once' | 'twice' | 'thrice'

/** One thing that is due at a time of its own. */
export type Timer =
  /** the ring copy, or the one that goes home, is sent again, or its target passed over */
  | { readonly _tag: 'Hop'; readonly im: ImId }
  /** half of the lease is over: whoever has no receipt gets a direct copy */
  | { readonly _tag: 'Halfway'; readonly im: ImId }
  /** a direct copy is sent again, or given up */
  | { readonly _tag: 'Copy'; readonly im: ImId; readonly member: number }
  /** copies of classic members leave, or are not waited for any longer */
  | { readonly _tag: 'Leaves'; readonly im: ImId }
  /** the grant ends in a moment: what is known is told */
  | { readonly _tag: 'Latest'; readonly im: ImId }
  /** a ring is asked for again */
  | { readonly _tag: 'Fetch'; readonly ring: string }
  /** a grant is asked for again, of a list that started no messages */
  | { readonly _tag: 'Again' }
  /** what was missed is asked for, or asked for again */
  | { readonly _tag: 'Missed' }

export type Command =
  /** the server's keys are known */
  | { readonly _tag: 'Met'; readonly server: Identity }
  /** what the server's clock showed in an answer to a request, or a ping, that first left at `since` (R1) */
  | { readonly _tag: 'Learned'; readonly process: ProcessId; readonly shown: Instant; readonly since: Instant; readonly sends?: number }
  /** this machine was asleep, or this process stopped: nothing that it knew of time is known any more (R2) */
  | { readonly _tag: 'Slept' }
  /** this contact is on that list from now on, or is not. `since`: when it was asked for, if the server has put it there for that order: it was not there before */
  | { readonly _tag: 'Joined'; readonly list: ListName; readonly since?: Instant }
  | { readonly _tag: 'Left'; readonly list: ListName }
  /** send this text to that list. `salt`: 16 bytes that nobody can guess; `inClear`: to its classic members too, for anybody to read */
  | { readonly _tag: 'Compose'; readonly list: ListName; readonly text: string; readonly salt: Tag; readonly patience: Patience; readonly inClear?: boolean }
  /** send that message again to whoever has given no receipt; `inClear`: to classic members too that were not sent it */
  | { readonly _tag: 'Resend'; readonly im: ImId; readonly patience: Patience; readonly inClear?: boolean }
  /** messages of that list are taken again, or are not: a copy is closed, and never shown (R11) */
  | { readonly _tag: 'Mute'; readonly list: ListName; readonly muted: boolean }
  /** what was missed of that list is asked for, and others are given what they have missed, or neither is */
  | { readonly _tag: 'CatchUp'; readonly list: ListName; readonly on: boolean }
  /** the server's answer to a `Request` of that ticket; `undefined`: none came, and what became of it is unknown */
  | { readonly _tag: 'Answered'; readonly ticket: string; readonly answer: Answer | undefined }
  /** a frame of whoever holds that key: a co-member, or the server */
  | { readonly _tag: 'Hear'; readonly from: PublicKey; readonly frame: Relay | Ack | RingWanted | RingTold | MissedWanted | MissedNone }
  /** a datagram in clear has come home, with that nonce: from anybody */
  | { readonly _tag: 'Bounced'; readonly nonce: string }
  /** where members are said to be; `list`: they are all of its members with keys but this one */
  | { readonly _tag: 'Located'; readonly list?: ListName; readonly rows: ReadonlyArray<{ readonly key: PublicKey; readonly address: Address }> }
  /** the server says that a co-member looks for this one */
  | { readonly _tag: 'Knocked'; readonly knock: Knock }
  /** that neighbour has sealed something, whatever it was */
  | { readonly _tag: 'Heard'; readonly key: PublicKey }
  /** the system says that nothing listens where that neighbour is */
  | { readonly _tag: 'PortClosed'; readonly key: PublicKey }
  /** no hello to that neighbour was answered */
  | { readonly _tag: 'Unmet'; readonly key: PublicKey }
  /** after a restart: what the history says was begun and not ended is taken up again */
  | { readonly _tag: 'Resume' }
  | { readonly _tag: 'Wake' }

export const wake: Command = { _tag: 'Wake' }
