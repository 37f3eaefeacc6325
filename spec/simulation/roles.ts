// What the parts of a simulation need of each other: a house knows all that live in it, each of them knows the house, and the oracle watches them.
import type { channel, delivery, diary, sealed, server, Address, Digest, Identity, ImId, PublicKey } from '../../core/index.js'
import type { Violation } from '../../core/transition.js'
import type { BoxCiphers } from './boxes.js'
import type { Arms } from './bugs.js'
import type { Clockwork } from './clockwork.js'
import type { Options } from './options.js'
import type { Plan } from './plan.js'
import type { Shelf } from './shelf.js'
import type { Sometimes } from './sometimes.js'
import type { Trace } from './trace.js'
import type { Watch } from './watch.js'

/** Where somebody is said to be, by our own user or by others; and whether an earlier send is unanswered. */
export interface Hint {
  readonly place: channel.Place | undefined
  readonly isAppointed: boolean
  readonly isAgain: boolean
}

export interface Known {
  readonly grant: sealed.Grant
  readonly lease: number
  /** real ms */
  readonly grantedAt: number
  /** who is at each place of the ring: numbers of members */
  readonly seats: ReadonlyArray<number>
  readonly initiator: number
  isLive: boolean
  end: server.End | undefined
  isHeld: boolean
}

/** A process: 0 is the server's. */
export interface Dweller {
  readonly who: number
  /** it has stopped */
  readonly isDown: boolean
  /** it is stopped for a while, or waits for its disk */
  readonly isHeld: boolean
  /** real ms for which it was stopped or down */
  readonly absentMs: number
  readonly violations: () => ReadonlyArray<Violation>
  readonly give: (run: () => void) => void
}

export interface Peer extends Dweller {
  readonly state: delivery.State | undefined
  readonly shelf: Shelf
  readonly isMember: boolean
  readonly now: ReturnType<Watch['read']>
}

export interface Server extends Dweller {
  readonly own: Identity
  readonly state: { readonly newest: server.State; readonly kept: server.State }
  readonly durablePosition: number
}

export interface Oracle {
  readonly grants: { readonly known: ReadonlyMap<ImId, Known>; readonly live: ReadonlyMap<ImId, Known>; readonly longestMs: number; readonly forget: () => void }
  readonly waits: { readonly withdrawing: (ticket: number) => void; readonly settled: (state: server.State) => void }
  readonly absences: { readonly settled: () => void; readonly given: (peer: Peer, to: number, known: Known) => void }
  readonly sound: () => void
  /** Throws, unless that may be so where the server lies. */
  readonly violated: (rule: string, who: number, what: string) => void
  readonly wasTold: (im: ImId) => boolean
  readonly isSettled: (who: number, root: ImId) => boolean
  readonly born: (peer: Peer) => void
  readonly disturbed: (who: number) => void
  readonly started: (one: Server) => void
  readonly served: (one: Server, before: server.State, isGivingUp: boolean) => void
  readonly executed: (entries: ReadonlyArray<server.Entry>) => void
  readonly answered: (one: Server, key: PublicKey, response: server.Response) => void
  readonly stepped: (peer: Peer, command: delivery.Command, effects: ReadonlyArray<delivery.Effect>) => void
  readonly kept: (peer: Peer, mark: diary.Mark) => void
  readonly done: (peer: Peer, effect: delivery.Effect) => void
}

/** What the server tells instead of what is so. */
export interface Perfidy {
  readonly pins: delivery.State['pins']
  readonly watch: (who: number, effects: ReadonlyArray<delivery.Effect>) => void
  readonly ringOf: (digest: Digest) => server.Response | undefined
  readonly said: (response: server.Response, to: PublicKey) => server.Response
}

export interface House {
  readonly clockwork: Clockwork
  readonly sometimes: Sometimes
  readonly trace: Trace
  readonly options: Options
  readonly plan: Plan
  readonly arms: Arms
  readonly chance: () => number
  readonly ciphers: ReadonlyArray<BoxCiphers>
  readonly oracle: Oracle
  readonly server: Server
  readonly peers: ReadonlyArray<Peer>
  /** nobody in it breaks the rules */
  readonly isHonest: boolean
  readonly perfidy: Perfidy | undefined
  /** whether that rule cannot be kept where the server lies, and it does */
  readonly isForgiven: (rule: string) => boolean
  readonly keepsRules: (who: number) => boolean
  readonly peer: (who: number) => Peer
  readonly placeOf: (key: PublicKey) => number
  readonly addressOf: (who: number) => Address
  readonly watchOf: (who: number, real: number, shown?: number) => Watch
  readonly wallOf: (who: number, real: number) => number
  readonly nextProcess: () => string
  readonly diaryMs: () => number
  readonly diskMs: () => number
  readonly isSealed: boolean
  /** by its session, process or index, `asker` */
  readonly send: (from: number, key: PublicKey, frame: sealed.Frame, asker?: number, hint?: Hint) => void
  readonly post: (from: number, to: channel.Place, bytes: Uint8Array) => void
  /** another process of that machine begins */
  readonly bornAt: (who: number) => void
  readonly died: (who: number) => void
}
