// What is promised of a whole ring, looked at in each step: when a message ends, when a member takes one, and when its initiator reports. A liar is promised
// nothing.
import { endings, mostPlaces, type Ring } from './ring.js'
import type { Judged } from './closure.js'

/** A promise that was broken, and how. */
export class Broken extends Error {
  readonly rule: string
  constructor(rule: string, what: string) {
    super(what)
    this.rule = rule
  }
}

const places = (bits: number): ReadonlyArray<number> => Array.from({ length: mostPlaces }, (_, place) => place).filter((place) => ((bits >> place) & 1) === 1)

/** I7: a message ends by the word of that member. Says so. */
export const closed = (ring: Ring, mode: number, from: number, which: number): string => {
  const { path, initiator } = (ring.closure.grants.live[which] ?? ring.closure.grants.first).grant
  const open = path.filter((place) => place !== ring.scene.liar && ring.disk(mode, place, which) === 0)
  if (open.length > 0) throw new Broken('I7', `it ends by the word of member ${from}, and ${open.map((place) => `member ${place}`).join(', ')} may still take it`)
  return `proof${which > 0 ? ' of the second, by' : ' of'} ${from === initiator ? 'the initiator' : 'a finder'}`
}

/** I1 of whatever has ended. */
const timely = (ring: Ring, place: number, taken: number, ends: ReadonlyArray<string>): void => {
  ends.forEach((end, which) => {
    // what the operator has ended nobody has told the members of: they may take it until its time is over, and no longer
    const isOver = end !== 'live' && (end !== 'forced' || ring.behind === 1)
    if (((taken >> which) & 1) === 1 && isOver && place !== ring.scene.liar) throw new Broken('I1', `member ${place} takes the message when it has ended (${end})`)
  })
}

/** I5 of a report. */
const truly = (ring: Ring, mode: number, { which, delivered, undelivered, unknown }: NonNullable<Judged['report']>): void => {
  const { liar, members } = ring.scene
  for (const one of places(delivered)) {
    if (one !== liar && ring.disk(mode, one, which) !== 1) throw new Broken('I5', `member ${one} is reported delivered, and has not stored it`)
  }
  for (const one of places(undelivered)) {
    if (one !== liar && ring.disk(mode, one, which) === 1) throw new Broken('I5', `member ${one} is reported undelivered, and has stored it`)
  }
  const others = (1 << members) - 1 - (1 << ring.closure.initiatorOf(which))
  if ((delivered | undelivered | unknown) !== others) throw new Broken('I5', 'a member is in none of the three classes')
}

/** What is promised of a step of one member. Says what it was. */
export const judge = (ring: Ring, mode: number, place: number, { broken, taken, report, fact }: Judged): string => {
  if (broken !== undefined) throw new Broken(broken.rule, broken.what)
  const ends = ring.closure.grants.live.map((_, which) => endings[ring.endOf(which)] ?? '')
  timely(ring, place, taken, ends)
  const before = `${ends.join()} ${ring.behind} ${place} judged ${taken === 0 ? '' : `taken ${taken}`}${fact ?? ''}`
  if (report === undefined) return before
  const { which, delivered, undelivered, unknown } = report
  truly(ring, mode, report)
  ring.undelivered |= undelivered << (mostPlaces * which)
  return `${before}report${which > 0 ? ' of the second' : ''} ${delivered} ${undelivered} ${unknown}`
}

/** I5: who was called undelivered never has it. */
export const certain = (ring: Ring, mode: number): void => {
  ring.closure.grants.live.forEach((_, which) => {
    for (const place of places(ring.undelivered >> (mostPlaces * which))) {
      if (place !== ring.scene.liar && ring.disk(mode, place, which) === 1) throw new Broken('I5', `member ${place} has it, and was called undelivered`)
    }
  })
}
