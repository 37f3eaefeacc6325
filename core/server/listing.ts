// The answers to query-lists. The classic one names the open lists and is kept in the state; the sealed one names all and is
// made when it is asked for, once for each order of the lists.
import { isLeft, right } from 'fp-ts/lib/Either.js'
import { memo } from '../memo.js'
import * as roll from '../roll.js'
import { limits } from '../limits.js'
import { listsReplyBytes } from '../wire/classic/reply.js'
import { refuse } from './refusal.js'
import { sealedReplyBytes, type Outcome, type Reply } from './reply.js'
import type { ListName } from '../names.js'
import type { Config } from './config.js'
import type { State } from './state.js'

const sized = (config: Config, names: ReadonlyArray<ListName>): Outcome =>
  listsReplyBytes(names) > config.maxReplyBytes ? refuse.ReplyTooLarge : right({ _tag: 'Lists', names })

/** The classic answer with one name more; once it is too long it stays so until a list is deleted. */
export const withName = (config: Config, listing: Outcome, name: ListName): Outcome =>
  isLeft(listing) || listing.right._tag !== 'Lists' ? listing : sized(config, [...listing.right.names, name])

/** The names of the open lists, in order of creation. */
export const openNames = (lists: State['lists']): ReadonlyArray<ListName> =>
  roll.values(lists).flatMap(({ name, policy }) => (policy === 'open' ? [name] : []))

/** The classic answer, made anew. */
export const listNames = (config: Config, lists: State['lists']): Outcome => sized(config, openNames(lists))

/** The reply, or that it is longer than a sealed answer can be. */
export const bounded = (reply: Reply): Outcome => (sealedReplyBytes(reply) > limits.sealedAnswerBytes ? refuse.ReplyTooLarge : right(reply))

/** By the order of the lists, which a new list or one deleted changes, and nothing else. */
const namesIn = memo((order: State['lists']['order']) => bounded({ _tag: 'Lists', names: roll.inOrder(order) }))

/** The names of all lists in order of creation. Refuses with ReplyTooLarge. */
export const allNames = (state: State): Outcome => namesIn(state.lists.order)
