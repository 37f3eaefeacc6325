// What happened in a run, as one number: the same plan twice must come to the same. And, where somebody wants to read it, as lines, and as a chronicle.
import { Chronicle, type Cargo, type Fate } from './chronicle.js'
import { nameOf } from './names.js'
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
    case 'Unlock': return 'the operator ends all messages'
    case 'Move': return 'wants to leave'
    case 'Apart': return 'neither asks for what it has missed nor gives it'
    case 'Mute': return 'takes no message'
  }
}

const wordsOf = (cargo: Cargo): string => (typeof cargo === 'string' ? cargo : theatre(cargo))

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
  sent(at: number, from: number, to: string, cargo: Cargo): number {
    if (this.chronicle === undefined) return 0
    this.#say(at, from, `-> ${to}  ${wordsOf(cargo)}`)
    return this.chronicle.sent(at, from, to, cargo)
  }

  /** `undefined`: it was damaged, and nothing else becomes of it. */
  fared(datagram: number | undefined, fate: Fate): void {
    if (datagram !== undefined) this.chronicle?.fared(datagram, fate)
  }

  heard(at: number, datagram: number | undefined, from: number, to: number, cargo: Cargo): void {
    if (this.chronicle === undefined) return
    this.#say(at, to, `<- ${nameOf(from)}  ${wordsOf(cargo)}${datagram === undefined ? ', damaged' : ''}`)
    if (datagram !== undefined) this.chronicle.heard(at, datagram, from, to, cargo)
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

  /** Its datagrams come from another address from now on. */
  moved(at: number, who: number, isDown: boolean): void {
    this.#say(at, who, 'is at another address')
    if (!isDown) this.chronicle?.tell(at, who, { kind: 'note', label: 'is at another address' })
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
