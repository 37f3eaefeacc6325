// Whether this member is on a list, by what the server says of it: others may have put it there, or off it, its ticket may have been served with nobody
// asking, or the answer to its order was lost.
import * as table from '../table.js'
import { codeName } from '../wire/classic/code.js'
import type { PublicKey } from '../keys.js'
import type { Answer } from '../wire/sealed/answer.js'
import type { Order } from '../wire/sealed/order.js'
import type { Command } from './command.js'
import type { Instant } from '../time.js'
import type { State } from './state.js'

type About = Extract<Order, { readonly _tag: 'Join' | 'Leave' | 'Members' }>
type News = Extract<Command, { readonly _tag: 'Joined' | 'Left' }>

/** What the answer to such an order says of whoever has that key, who gave it for itself; `undefined`: nothing new. A change that was refused since all is as
 *  it asks already says so too. To have left without having given the order counts once: each leave that is counted raises the epoch from which copies are
 *  taken. Of members it is news only for a list that is known. `since`: when it was ordered or asked, if that is known. */
export const standing = (own: PublicKey, { lists }: State, { _tag, list }: About, { code, body }: Answer, since?: Instant): News | undefined => {
  const known = table.get(lists, list)
  const name = codeName(code)
  // whoever waits to join is not on the list, or was not when that was said: what has come of it since then came behind the join
  if (body._tag === 'Queued') return _tag === 'Join' && since !== undefined && known?.left === false && known.at < since ? { _tag: 'Left', list } : undefined
  switch (_tag) {
    case 'Join': return name === 'Done' ? { _tag: 'Joined', list, ...(since === undefined ? {} : { since }) } : name === 'AlreadyMember' ? { _tag: 'Joined', list } : undefined
    case 'Leave': return name === 'Done' || (name === 'NotMember' && known?.left !== true) ? { _tag: 'Left', list } : undefined
    case 'Members': {
      const isThere = body._tag === 'Members' && body.members.some(({ keys }) => keys?.seals === own)
      const isGone = name === 'NotMember' || name === 'NoSuchList'
      if ((body._tag !== 'Members' && !isGone) || known === undefined || known.left !== isThere) return undefined
      // somebody may have put it there since then
      if (!isThere && since !== undefined && known.at > since) return undefined
      return { _tag: isThere ? 'Joined' : 'Left', list }
    }
  }
}
