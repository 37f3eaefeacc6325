// What the server answers when it agrees, and how an answer looks on the classic wire.
import { isLeft, right, type Either } from 'fp-ts/lib/Either.js'
import { codes } from '../wire/classic/code.js'
import { nothing, type ReplyBody, type ReplyPacket, type RingMember } from '../wire/classic/reply.js'
import type { ListName } from '../names.js'
import type { Refusal } from './refusal.js'

export type Reply =
  | { readonly _tag: 'Done' }
  /** in order of creation */
  | { readonly _tag: 'Lists'; readonly names: ReadonlyArray<ListName> }
  /** the initiator first, then the others in order of joining */
  | { readonly _tag: 'Ring'; readonly members: ReadonlyArray<RingMember> }

export type Response = Either<Refusal, Reply>

export const done: Response = right({ _tag: 'Done' })

const bodyOf = (reply: Reply): ReplyBody => (reply._tag === 'Done' ? nothing : reply)

/** The classic packet for a response. */
export const classicReply = (response: Response): ReplyPacket =>
  isLeft(response)
    ? { code: codes[response.left._tag].code, body: nothing }
    : { code: codes.Done.code, body: bodyOf(response.right) }
