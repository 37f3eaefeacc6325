// By what a state followed upon another: a number beside each row, and what it says to people.
import type { Ring } from './ring.js'

export const kinds = { own: 0, heard: 1, server: 2, time: 3 } as const

/** A kind, a place, an instant, and which happening or datagram it is. */
export const label = (kind: number, place: number, phase: number, index: number): number => (kind | (place << 2) | (phase << 6) | (index << 7)) >>> 0

const early = ', and thinks that the time is over'

const from = ({ scene }: Ring, place: number): string => (place === scene.members ? 'the server' : `member ${place}`)

export const heardText = (ring: Ring, place: number, slot: number, isEarly: boolean): string => {
  const message = ring.closure.messages[place]?.all[slot]
  return message === undefined ? '' : `${from(ring, place)} hears ${from(ring, message.from)}: ${message.text}${isEarly ? early : ''}`
}

/** What a label says of the state that it leaves. */
export const told = (ring: Ring, row: Uint32Array, by: number): string => {
  const [kind, place, phase, index] = [by & 3, (by >> 2) & 15, (by >> 6) & 1, by >>> 7]
  if (kind === kinds.time) return ['the time of what was granted is over', 'the server lets it end', 'the server lets the second end', 'the operator ends it', 'the operator ends the second'][index] ?? ''
  ring.read(row)
  const isEarly = phase === 1 && ring.behind === 0
  if (kind === kinds.server) return heardText(ring, ring.scene.members, index, false)
  if (kind === kinds.heard) return heardText(ring, place, index, isEarly)
  const state = ring.table(ring.mode, place).first[ring.locals[place] as number] as number
  return `member ${place}: ${ring.members[place]?.graph.own[state]?.[index]?.text ?? ''}${isEarly ? early : ''}`
}
