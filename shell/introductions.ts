// Who is no guest of the channel: the members of the rings that are known. As rings are forgotten so are those who are on no other, with their sessions;
// whoever is needed again says hello again. So the channel knows no more keys than rings have members.
import { peer, type PublicKey } from '../core/index.js'
import type { Sessions } from './channel/sessions.js'

/** To be called with each state: looks at it where the rings are others than before. */
export const introductions = (sessions: () => Pick<Sessions, 'bind' | 'part'>, own: PublicKey): ((state: peer.sealed.State) => void) => {
  const met = new Set<PublicKey>()
  let rings: unknown
  return (state) => {
    if (state.courier.rings === rings) return
    rings = state.courier.rings
    const members = new Set(peer.sealed.neighboursOf(state))
    members.delete(own)
    for (const key of met) {
      if (members.has(key)) continue
      met.delete(key)
      sessions().part(key)
    }
    for (const key of members) {
      if (met.has(key)) continue
      met.add(key)
      sessions().bind(key, undefined)
    }
  }
}
