// What a member may say that is not so, under its own key, which is all that it has: none of it may be believed of anybody else.
import { sealed, type Tag } from '../../core/index.js'
import { bodyOf, receiptOf, type Granted, type Member } from './scene.js'
import type { Out } from './locals.js'

const zeros = '00'.repeat(16) as Tag


/** A direct copy acked without a receipt, with a good one for the initiator and none for the server, and with both; ring copies swallowed; an envelope
 *  that says that everybody has it; the same said to the server; and copies to whoever is not on the path. */
export const lies = (granted: Granted, liar: number, members: ReadonlyArray<Member>, absent: ReadonlyArray<number>): ReadonlyArray<Out> => {
  const { path, im } = granted.grant
  const ack = (kind: sealed.Ack['kind'], status: sealed.Ack['status'], receipts: sealed.Receipts | undefined): sealed.Ack => ({ _tag: 'Ack', im, kind, status, have: 1n, receipts })
  const part: sealed.Part = { index: 0, count: 1, bytes: bodyOf(granted) }
  const copies = (['ring', 'direct'] as const).map((kind): sealed.Relay => ({ _tag: 'Relay', im, kind, head: sealed.encodeTrail({ visited: [], tagI: zeros, tagS: zeros, notes: [] }), part }))
  const initiator = receiptOf(granted, liar, 'stored', 0)
  const server = receiptOf(granted, liar, 'stored', 'server')
  const trail: sealed.Trail = { visited: path, tagI: initiator, tagS: server, notes: [] }
  const home: sealed.Relay = { _tag: 'Relay', im, kind: 'home', head: sealed.encodeTrail(trail), part: { index: 0, count: 1, bytes: new Uint8Array(0) } }
  const frames: ReadonlyArray<sealed.Frame> = [
    ack('direct', 'stored', undefined), ack('direct', 'stored', { initiator: zeros, server: zeros }), ack('direct', 'stored', { initiator, server: zeros }),
    ack('direct', 'stored', { initiator, server }), home,
  ]
  const seal = (to: number, frame: sealed.Frame): Out => ({ _tag: 'Seal', to: (members[to] as Member).key, address: undefined, frame, again: false })
  return [
    ...frames.map((frame) => seal(0, frame)),
    ...members.filter(({ place }) => absent.includes(place)).flatMap(({ place }) => copies.map((copy) => seal(place, copy))),
    ...members.filter(({ place }) => place < liar).map(({ place }) => seal(place, ack('ring', 'stored', undefined))),
    { _tag: 'Request', ticket: 'found', order: { _tag: 'ImComplete', im, stored: path, closed: [], tag: server } },
  ]
}
