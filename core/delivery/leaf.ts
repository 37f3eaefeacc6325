// A classic member on the ring of an own message: a leaf, which gets one copy, in clear, and bounces it (R29). It passes nothing on and has no part in
// receipts and proofs; all that is known of it stands here.
//
//   unsent ──its copy──> awaited ──its bounce────> bounced       it has shown the message, says somebody who could read the copy
//      │                    └──1 s of silence──> silent          it may have shown it, and may not; a bounce that is late still counts
//      └──> notAllowed, tooLarge, late                           nothing was sent, and nothing will be under this grant
import type { Report } from '../diary.js'
import type { Tag } from '../keys.js'
import type { ContactName } from '../names.js'
import type { Instant } from '../time.js'
import type { Relay } from '../wire/classic/relay.js'

export interface Leaf {
  readonly name: ContactName
  /** by which its bounce is known: nobody else can make it, and of this leaf and this grant alone */
  readonly nonce: Tag
  /** the copy that leaves, as long as it is to */
  readonly copy: Relay | undefined
  readonly status: 'unsent' | 'awaited' | 'bounced' | 'silent' | 'notAllowed' | 'tooLarge' | 'late'
  /** when it is sent, or called silent, by our clock */
  readonly due: Instant
  /** ms from the beginning to the bounce */
  readonly ms: number | undefined
}

type Leaves = ReadonlyArray<Leaf>

const isPending = ({ status }: Leaf): boolean => status === 'unsent' || status === 'awaited'

/** Whether the report, and the end of the message, wait for one of them. */
export const awaits = (leaves: Leaves): boolean => leaves.some(isPending)

/** When the next of them is due; `undefined`: none is. */
export const dueOf = (leaves: Leaves): Instant | undefined =>
  leaves.filter(isPending).reduce<Instant | undefined>((first, { due }) => (first === undefined || due < first ? due : first), undefined)

/** Nobody waits for them any longer. */
export const given = (leaves: Leaves): Leaves =>
  leaves.map((leaf) => (isPending(leaf) ? { ...leaf, copy: undefined, status: leaf.status === 'unsent' ? 'late' : 'silent' } : leaf))

/** To whom a copy leaves under this grant. */
export const inClear = (leaves: Leaves): ReadonlyArray<ContactName> => leaves.filter(({ status }) => status === 'unsent').map(({ name }) => name)

type Row = NonNullable<Report['leaves']>[number]

const rowOf = ({ name, status }: Leaf): Row => {
  switch (status) {
    case 'bounced': return { name, outcome: 'bounced' }
    case 'awaited':
    case 'silent': return { name, outcome: 'silent' }
    case 'notAllowed':
    case 'tooLarge': return { name, outcome: 'notSent', why: status }
    case 'unsent':
    case 'late': return { name, outcome: 'notSent', why: 'late' }
  }
}

/** As a report has them. */
export const rowsOf = (leaves: Leaves): ReadonlyArray<Row & { readonly ms?: number }> =>
  leaves.map((leaf) => ({ ...rowOf(leaf), ...(leaf.ms === undefined ? {} : { ms: leaf.ms }) }))

/** Whether another grant could bring it there: it has had no copy, and takes one of that length. */
export const isMissing = ({ outcome, why }: Row): boolean => outcome === 'notSent' && why !== 'tooLarge'
