// What the server answers when it agrees, and how an answer looks on either wire.
import { isLeft, right, type Either } from 'fp-ts/lib/Either.js'
import { codes, type CodeName } from '../wire/classic/code.js'
import { nothing, type ReplyBody, type ReplyPacket, type RingMember } from '../wire/classic/reply.js'
import { limits } from '../limits.js'
import { utf8Length } from '../wire/utf8.js'
import type { ProcessId } from '../keys.js'
import type { ContactName, ListName } from '../names.js'
import type { Instant } from '../time.js'
import { hexOf } from '../wire/sealed/bytes.js'
import { grantBytes, type Grant } from '../wire/sealed/grant.js'
import type { Ciphers } from '../channel/ciphers.js'
import type { Digest, Signature } from '../keys.js'
import type { Answer, AnswerBody, Behind, Ending, ExpiredRow, LockRow, LockRows, MemberRow, Policy, Ring, TicketRow } from '../wire/sealed/index.js'
import { isLater, type Refusal } from './refusal.js'

/** A change of members waits, as the answer to it says. */
export type Queued = Extract<AnswerBody, { readonly _tag: 'Queued' }>

export type Reply =
  | { readonly _tag: 'Done' }
  /** in order of creation */
  | { readonly _tag: 'Lists'; readonly names: ReadonlyArray<ListName> }
  /** of the classic wire: the initiator first, then the others in order of joining */
  | { readonly _tag: 'Ring'; readonly members: ReadonlyArray<RingMember> }
  /** in order of joining */
  | { readonly _tag: 'Members'; readonly owner: ContactName | undefined; readonly policy: Policy; readonly members: ReadonlyArray<MemberRow> }
  /** `boot`: under which the contact's requests are known from now on */
  | { readonly _tag: 'Registered'; readonly boot: number }
  /** a message is ongoing; the grant is signed when it is told, so that folding a journal signs nothing */
  | { readonly _tag: 'Granted'; readonly grant: Grant }
  | { readonly _tag: 'Ended'; readonly outcome: Ending }
  | Queued
  /** what came of a ticket */
  | { readonly _tag: 'Served'; readonly code: CodeName }
  | ({ readonly _tag: 'Locks' } & LockRows)
  | ({ readonly _tag: 'OldestLocks'; readonly behind: Behind } & LockRows)

/** What became of a request. */
export type Outcome = Either<Refusal, Reply>

/** The outcome of the request `(boot, seq)` of a key, with the instant and the process of its sending. A register's `boot` is 0. */
export interface Answered {
  readonly _tag: 'Answered'
  readonly boot: number
  readonly seq: number
  readonly at: Instant
  readonly process: ProcessId
  readonly outcome: Outcome
}

/** Who the ring of that hash is. To a key, in frames of their own. */
export interface Told {
  readonly _tag: 'Told'
  readonly digest: Digest
  readonly ring: Ring
}

/** To a key, `Answered` or `Told`; to anybody else the bare outcome. */
export type Response = Outcome | Answered | Told

export const done: Outcome = right({ _tag: 'Done' })

export const outcomeOf = (response: Response): Outcome => {
  switch (response._tag) {
    case 'Answered': return response.outcome
    case 'Told': return done
    case 'Left':
    case 'Right': return response
  }
}

const classicBody = (reply: Reply): ReplyBody => (reply._tag === 'Lists' || reply._tag === 'Ring' ? reply : nothing)

/** The classic packet for a response; what that wire cannot say it leaves out. */
export const classicReply = (response: Response): ReplyPacket => {
  const outcome = outcomeOf(response)
  return isLeft(outcome) ? { code: codes[outcome.left._tag].code, body: nothing } : { code: codes.Done.code, body: classicBody(outcome.right) }
}

type Sign = Ciphers<unknown, unknown>['sign']

const sealedBody = (sign: Sign, reply: Reply): AnswerBody => {
  switch (reply._tag) {
    case 'Done':
    case 'Ring': return { _tag: 'Nothing' }
    case 'Granted': return { _tag: 'Granted', grant: reply.grant, signature: hexOf(sign(grantBytes(reply.grant))) as Signature }
    case 'Served': return { _tag: 'Served', code: codes[reply.code].code }
    case 'Lists':
    case 'Members':
    case 'Registered':
    case 'Queued':
    case 'Locks':
    case 'OldestLocks':
    case 'Ended': return reply
  }
}

/** Zeros: for whoever is told no grant. */
const unsigned: Sign = () => new Uint8Array(64)

const refusedBody = (refusal: Refusal): AnswerBody => (isLater(refusal) ? { _tag: 'Opens', at: refusal.opens } : { _tag: 'Nothing' })

/** What a sealed reply says. `sign`: the server's; the operator, who gets no grants, needs none. */
export const sealedAnswer = (outcome: Outcome, sign: Sign = unsigned): Answer =>
  isLeft(outcome) ? { code: codes[outcome.left._tag].code, body: refusedBody(outcome.left) } : { code: codes.Done.code, body: sealedBody(sign, outcome.right) }

const textBytes = (text: string): number => utf8Length(text) + 2
const memberBytes = ({ name, ip }: { readonly name: string; readonly ip: string }): number => textBytes(name) + textBytes(ip) + 2
/** a presence, a flag, an id and two keys */
const keysBytes = 2 + 3 * 32
/** a code, a kind, the length of a list, an owner and a policy */
const frameBytes = 300

const namesBytes = (names: ReadonlyArray<string>): number => names.reduce((bytes, name) => bytes + textBytes(name), 0)
/** an id, three instants or positions, and flags */
const rowBytes = 14 + 3 * 6 + 6

/** At least the bytes of each row. */
export const lockBytes = ({ list, initiator, waits }: LockRow): number => rowBytes + namesBytes([list, initiator, ...waits])
export const ticketBytes = ({ by, change, waits }: TicketRow): number => rowBytes + namesBytes([by, change.contact, ...(change._tag === 'Exit' ? [] : [change.list]), ...waits])
const expiredBytes = ({ list, initiator }: ExpiredRow): number => rowBytes + namesBytes([list, initiator])

const sum = <A>(rows: ReadonlyArray<A>, bytesOf: (row: A) => number): number => rows.reduce((bytes, row) => bytes + bytesOf(row), 0)

/** At least the bytes of a sealed answer: its strings with their lengths, its keys, and room for the rest. */
export const sealedReplyBytes = (reply: Reply): number => {
  switch (reply._tag) {
    case 'Done':
    case 'Ring':
    case 'Ended':
    case 'Queued':
    case 'Served':
    case 'Registered': return frameBytes
    case 'Granted': return limits.envelopeBytes
    case 'Lists': return reply.names.reduce((bytes, name) => bytes + textBytes(name), frameBytes)
    case 'Locks':
    case 'OldestLocks': return frameBytes + sum(reply.locks, lockBytes) + sum(reply.tickets, ticketBytes) + sum(reply.expired, expiredBytes)
    case 'Members': return reply.members.reduce((bytes, member) => bytes + memberBytes(member) + keysBytes, frameBytes)
  }
}
