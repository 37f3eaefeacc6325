// The protocol says no: a value with a name whose code and sentence stand in `wire/classic/code`, never an exception.
import { left, type Either } from 'fp-ts/lib/Either.js'
import type { CodeName } from '../wire/classic/code.js'
import type { Instant } from '../time.js'

/** What is refused for now: a list that starts no messages, a message that cannot be sent again while it goes on. */
export type Later = 'Fenced' | 'StillGoing'

/** What is refused for now says until when at the latest, if that can be told. */
export type Refusal = { readonly _tag: Exclude<CodeName, 'Done' | Later> } | { readonly _tag: Later; readonly opens: Instant | undefined }

type Plain = Exclude<Refusal['_tag'], Later>

export const isLater = (refusal: Refusal): refusal is Extract<Refusal, { readonly _tag: Later }> => 'opens' in refusal

const refusal = (_tag: Plain): Either<Refusal, never> => left({ _tag })

/** Each refusal once: they are compared by value and allocated never. */
export const refuse = {
  ContactExists: refusal('ContactExists'),
  TooManyContacts: refusal('TooManyContacts'),
  ListExists: refusal('ListExists'),
  TooManyLists: refusal('TooManyLists'),
  NoSuchContact: refusal('NoSuchContact'),
  NoSuchList: refusal('NoSuchList'),
  AlreadyMember: refusal('AlreadyMember'),
  NotSaved: refusal('NotSaved'),
  Ongoing: refusal('Ongoing'),
  NotMember: refusal('NotMember'),
  NoneOngoing: refusal('NoneOngoing'),
  Malformed: refusal('Malformed'),
  ReplyTooLarge: refusal('ReplyTooLarge'),
  TooManyMessages: refusal('TooManyMessages'),
  Closing: refusal('Closing'),
  Busy: refusal('Busy'),
  NotRegistered: refusal('NotRegistered'),
  NotAllowed: refusal('NotAllowed'),
  Stale: refusal('Stale'),
  NotInvited: refusal('NotInvited'),
  TooFast: refusal('TooFast'),
  LookAlike: refusal('LookAlike'),
  OneName: refusal('OneName'),
  NameNotPlain: refusal('NameNotPlain'),
  TooManyMembers: refusal('TooManyMembers'),
  NoSuchMessage: refusal('NoSuchMessage'),
  BadProof: refusal('BadProof'),
  LockBudget: refusal('LockBudget'),
  QueueFull: refusal('QueueFull'),
  NoSuchTicket: refusal('NoSuchTicket'),
} as const satisfies { readonly [K in Plain]: Either<Refusal, never> }

export const later = (_tag: Later, opens: Instant | undefined): Either<Refusal, never> => left({ _tag, opens })
