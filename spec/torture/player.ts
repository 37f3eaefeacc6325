// A player of the kill torture: a client with orders of its own, one outstanding at a time, which lives longer than any server.
import type { Identity, server } from '../../core/index.js'
import type { Notes } from './notes.js'

/** One server process, from its first word to its end. */
export interface Life {
  readonly port: number
  readonly server: Identity
  /** it was told to end */
  isClosing: boolean
  /** it has ended */
  isOver: boolean
}

export interface Player {
  readonly name: string
  readonly notes: Notes
  /** Repeats what it knows the answer to, then plays until it is stopped. Rejects when an answer is not what it must be. */
  readonly play: (life: Life) => Promise<void>
  /** The server is gone: nothing is waited for any more. */
  readonly stop: () => void
  /** Holds what the dead server has kept against what it answered. Throws where they differ. */
  readonly find: (kept: server.State) => void
  readonly close: () => void
}

export const host = '127.0.0.1'

/** ms without an answer after which a server that runs has not answered; far above what it is stopped for */
export const patienceMs = 10_000

/** ms between two sends of a request that may be repeated */
export const resendMs = 250
