// What happened in a run, as one number: the same plan twice must come to the same. And, where somebody wants to read it, as lines, and as a chronicle.
import type { sealed } from '../../core/index.js'
import { Chronicle, type Fate } from './chronicle.js'
import { nameOf } from './names.js'
import { kindOfFrame } from './sizes.js'
import { theatre } from './theatre.js'
import type { Fault } from './plan.js'

const turned = (word: number, by: number): number => (word << by) | (word >>> (32 - by))

/** What befalls somebody, in words for a diagram; nothing where it is seen there. */
const faultOf = (fault: Fault): string => {
  switch (fault._tag) {
    case 'Crash':
    case 'Strike':
    case 'Pause':
    case 'Sleep': return ''
    case 'Cut': return `cut off for ${fault.ms} ms`
    case 'Clog': return `held up for ${fault.ms} ms`
    case 'Force': return 'the operator ends its message'
    case 'Move': return 'wants to leave'
    case 'Mute': return 'takes no message'
  }
}

export class Trace {
  /** `undefined`: nobody reads, and what is only for reading is not made */
  readonly chronicle: Chronicle | undefined
  readonly #lines: string[] = []
  #a = 0x9e3779b9
  #b = 0x7f4a7c15

  constructor(isLegible = false) {
    this.chronicle = isLegible ? new Chronicle() : undefined
  }

  /** Mixes whole numbers in. */
  note(what: number, at: number, who: number, more: number): void {
    this.#a = Math.imul(turned(this.#a ^ what ^ Math.imul(who, 0x85ebca77), 13) + more, 0x9e3779b1)
    this.#b = Math.imul(turned(this.#b ^ at ^ this.#a, 17), 0xc2b2ae3d)
  }

  /** The datagram's number; 0 where nobody reads. */
  sent(at: number, from: number, to: number, frame: sealed.Frame): number {
    this.note(kindOfFrame(frame).length + frame._tag.length * 64, at, from * 512 + to, frame._tag === 'Relay' ? frame.head.length : 0)
    if (this.chronicle === undefined) return 0
    this.#say(at, from, `-> ${nameOf(to)}  ${theatre(frame)}`)
    return this.chronicle.sent(at, from, to, frame)
  }

  fared(datagram: number, fate: Fate): void {
    this.chronicle?.fared(datagram, fate)
  }

  heard(at: number, datagram: number, from: number, to: number, frame: sealed.Frame): void {
    this.note(2, at, from * 512 + to, frame._tag.length)
    if (this.chronicle === undefined) return
    this.#say(at, to, `<- ${nameOf(from)}  ${theatre(frame)}`)
    this.chronicle.heard(at, datagram, from, to, frame)
  }

  began(at: number, who: number, isAgain: boolean): void {
    if (isAgain) this.#say(at, who, 'begins again')
    this.chronicle?.begins(at, who)
  }

  died(at: number, who: number): void {
    this.note(3, at, who, 0)
    this.#say(at, who, 'dies')
    this.chronicle?.tell(at, who, { kind: 'crash' })
  }

  befell(at: number, fault: Fault, isDown: (who: number) => boolean): void {
    if (this.chronicle === undefined) return
    const one = 'who' in fault ? fault.who : undefined
    this.#say(at, fault._tag === 'Force' ? undefined : one, JSON.stringify(fault))
    const label = faultOf(fault)
    const whom = fault._tag === 'Cut' ? fault.side : one === undefined ? [] : [one]
    if (label !== '') for (const who of whom) if (!isDown(who)) this.chronicle.tell(at, who, { kind: 'note', label })
  }

  rested(at: number, who: number, why: 'stopped' | 'asleep' | undefined): void {
    this.chronicle?.tell(at, who, why === undefined ? { kind: 'resume' } : { kind: 'pause', why })
  }

  #say(at: number, who: number | undefined, what: string): void {
    if (this.chronicle !== undefined) this.#lines.push(`${(at / 1000).toFixed(3).padStart(8)}  ${(who === undefined ? 'world' : nameOf(who)).padEnd(6)} ${what}`)
  }

  get lines(): ReadonlyArray<string> {
    return this.#lines
  }

  /** 16 hexadecimal digits. */
  get hash(): string {
    return [this.#a, this.#b].map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('')
  }
}
