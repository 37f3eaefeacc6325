// Exit codes, one table: 0 and 1, our own 3 to 5, and those of BSD's sysexits(3) where one fits. The README shows it.
import type { peer } from '../../core/index.js'

export const exitCodes = {
  done: { code: 0, meaning: 'everything was done' },
  refused: { code: 1, meaning: 'the server refused (or, for the demonstration, something differed)' },
  overdue: { code: 3, meaning: 'fewer members than were required have a message; on the classic wire, it did not come home in time' },
  none: { code: 4, meaning: 'nobody has given a receipt for a message' },
  expired: { code: 5, meaning: 'no answer came to the start of a message: whether it was begun is not known' },
  usage: { code: 64, meaning: 'a wrong argument, option or line' },
  damaged: { code: 65, meaning: 'a file of contacts, keys or pins, a journal or a trace, that is damaged, or of a newer or an older program' },
  noInput: { code: 66, meaning: 'a file or folder that cannot be read, or that others could read and should not' },
  unreachable: { code: 69, meaning: 'no server there, no free port, or no answer: the outcome is not known' },
  disk: { code: 74, meaning: 'the disk failed, or has no room: what was acknowledged is safe' },
  locked: { code: 75, meaning: 'refused while a message is ongoing, or while the keys or the data folder are in use: try again' },
  notAuthorised: { code: 77, meaning: 'not authorised: by the server, or a key is not the expected one, or another process registered with this one' },
} as const

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

const ofFault: { readonly [K in peer.Fault]: ExitCode } = {
  refused: exitCodes.refused,
  locked: exitCodes.locked,
  unknown: exitCodes.unreachable,
  unreachable: exitCodes.unreachable,
  notTaken: exitCodes.usage,
  overdue: exitCodes.overdue,
  partial: exitCodes.overdue,
  none: exitCodes.none,
  expired: exitCodes.expired,
  notAuthorised: exitCodes.notAuthorised,
  changedKey: exitCodes.notAuthorised,
  superseded: exitCodes.notAuthorised,
}

/** A peer's exit code: that of the first thing that went wrong. */
export const codeOf = (fault: peer.Fault | undefined): number => (fault === undefined ? exitCodes.done : ofFault[fault]).code
