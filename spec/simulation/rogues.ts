// Members that break the rules. Each has a production courier, and does something to what that wants to send, or to what it has kept of others.
// Whatever they do, I1, I2, I7 and I10 hold of all others, and nobody shows what was not said.
import { isRight } from 'fp-ts/lib/Either.js'
import { sealed, type delivery, type PublicKey } from '../../core/index.js'
import type { Tag } from '../../core/keys.js'
import { giving } from './givers.js'
import type { House } from './roles.js'
import type { Trick } from './tricks.js'

type Courier = ReturnType<typeof delivery.courier>
type Relay = Extract<sealed.Frame, { readonly _tag: 'Relay' }>

const withByte = (bytes: Uint8Array, chance: () => number): Uint8Array => {
  const at = Math.floor(chance() * bytes.length)
  return bytes.length === 0 ? bytes : bytes.with(at, (bytes[at] ?? 0) ^ (1 + Math.floor(chance() * 255)))
}

const rubbish = (chance: () => number): Tag => Math.floor(chance() * 2 ** 32).toString(16).padStart(8, '0').repeat(4) as Tag

const trailed = (relay: Relay, change: (trail: sealed.Trail) => sealed.Trail): Relay => {
  const trail = sealed.decodeTrail(relay.head)
  return isRight(trail) ? { ...relay, head: sealed.encodeTrail(change(trail.right)) } : relay
}

/** The same envelope with another text, if it is whole. */
const otherwise = (relay: Relay): Relay => {
  const envelope = relay.part.count === 1 ? sealed.decodeEnvelope(relay.part.bytes) : undefined
  if (envelope === undefined || !isRight(envelope)) return relay
  const text = envelope.right.text.split('').reverse().join('')
  return { ...relay, part: { ...relay.part, bytes: sealed.encodeEnvelope({ ...envelope.right, text }) } }
}

const pathOf = (relay: Relay): ReadonlyArray<number> => {
  const envelope = relay.part.count === 1 ? sealed.decodeEnvelope(relay.part.bytes) : undefined
  return envelope !== undefined && isRight(envelope) ? envelope.right.grant.path : []
}

/** What becomes of a relay that the courier wants to send; nothing: it is not sent. */
const twisted = (trick: Trick, relay: Relay, chance: () => number): ReadonlyArray<Relay> => {
  switch (trick) {
    case 'alters': return [{ ...relay, part: { ...relay.part, bytes: withByte(relay.part.bytes, chance) } }]
    case 'claims': return [relay.kind === 'home' ? trailed(relay, (trail) => ({ ...trail, visited: [...new Set([...trail.visited, ...pathOf(relay), 0, 1, 2])].sort((a, b) => a - b) })) : trailed(relay, (trail) => ({ ...trail, visited: pathOf(relay).length > 0 ? pathOf(relay) : trail.visited }))]
    case 'spoils': return [trailed(relay, (trail) => ({ ...trail, tagI: rubbish(chance), tagS: rubbish(chance) }))]
    case 'equivocates': return [chance() < 0.5 ? otherwise(relay) : relay]
    case 'swallows': return []
    case 'replays':
    case 'forges':
    case 'foists':
    case 'falsifies':
    case 'floods':
    case 'spreads': return [relay]
  }
}

/** Ms after which something is sent again. */
const laterMs = [100, 1000, 9000, 30_000]

export const roguish = (machine: Courier, trick: Trick, house: House, who: number): Courier => {
  const { chance, clockwork } = house
  const anybody = (): PublicKey | undefined => house.ciphers[1 + Math.floor(chance() * house.plan.members)]?.own.seals
  const throwAt = (relay: Relay, ms: number): void => clockwork.at(clockwork.now + ms, () => {
    const to = anybody()
    if (to !== undefined) house.peer(who).give(() => house.send(who, to, relay))
  })
  return {
    ...machine,
    reduce: (state, input) => {
      const { command } = input
      if (command._tag === 'Hear' && command.frame._tag === 'Relay') {
        const { frame } = command
        if (trick === 'replays') throwAt(frame, laterMs[Math.floor(chance() * laterMs.length)] ?? 0)
        if (trick === 'spreads') throwAt({ ...frame, kind: 'direct' }, 10)
      }
      const step = giving(trick, house, who, machine.reduce(state, input), input)
      const effects = step.effects.flatMap((effect): typeof step.effects => {
        if (effect._tag !== 'Seal') return [effect]
        const { frame } = effect
        if (frame._tag === 'RingTold' && trick === 'forges') return [{ ...effect, frame: { ...frame, part: { ...frame.part, bytes: withByte(frame.part.bytes, chance) } } }]
        if (frame._tag === 'Ack' && trick === 'spoils' && frame.receipts !== undefined) return [{ ...effect, frame: { ...frame, receipts: { initiator: rubbish(chance), server: rubbish(chance) } } }]
        return frame._tag === 'Relay' ? twisted(trick, frame, chance).map((relay) => ({ ...effect, frame: relay })) : [effect]
      })
      return { ...step, effects }
    },
  }
}
