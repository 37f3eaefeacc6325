// What a frame says, in a line that somebody can read.
import { isRight } from 'fp-ts/lib/Either.js'
import { sealed } from '../../core/index.js'

const short = (im: string): string => `${Number.parseInt(im.slice(0, 16), 16)}.${Number.parseInt(im.slice(16), 16)}`

const trailOf = (head: Uint8Array): string => {
  const trail = sealed.decodeTrail(head)
  if (!isRight(trail)) return 'no trail'
  const { visited, notes } = trail.right
  return `[${visited.join(' ')}]${notes.map(({ member, why, by }) => ` ${member} ${why} (${by})`).join()}`
}

export const theatre = (frame: sealed.Frame): string => {
  switch (frame._tag) {
    case 'Request': return `${frame.order._tag} ${frame.boot}/${frame.seq}`
    case 'Reply': return `reply ${frame.boot}/${frame.seq} at ${frame.at}`
    case 'Ping': return 'ping'
    case 'Pong': return `pong at ${frame.clock?.at ?? '?'}`
    case 'Superseded': return 'superseded'
    case 'Relay': return `${frame.kind} ${short(frame.im)} ${frame.part.index + 1}/${frame.part.count} ${trailOf(frame.head)}`
    case 'Ack': return `ack ${frame.kind} ${short(frame.im)} ${frame.status}${frame.status === 'part' ? ` ${frame.have.toString(2)}` : ''}`
    case 'Knock': return `knock of ${frame.by.slice(0, 8)}`
    case 'RingWanted': return `who is ${frame.ring.slice(0, 8)}`
    case 'MissedWanted': return `what of ${frame.list} has been from ${frame.from} to ${frame.to}`
    case 'MissedNone': return `nothing of ${frame.list} from ${frame.from} to ${frame.to}`
    case 'RingTold': return `ring ${frame.ring.slice(0, 8)} ${frame.part.index + 1}/${frame.part.count}`
  }
}
