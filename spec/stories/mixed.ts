// A stage whose list has classic members too. They are originals: what one of them makes of a datagram is what the stand-in of the original does, which
// shows each as often as it comes, passes it on once, and dies of what it cannot read.
import { classic, type ListName } from '../../core/index.js'
import { dumps } from '../standin/dumps.js'
import { loads } from '../standin/loads.js'
import { advance } from '../standin/relay.js'
import { list } from './office.js'
import { Stage } from './stage.js'
import type { delivery } from '../../core/index.js'
import type { Datagram } from './post.js'

/** Bytes that an original reads of a datagram. */
const bytesRead = 2048

export class Mixed extends Stage {
  /** by name of a classic member: what it has shown */
  readonly screens = new Map<string, string[]>()

  /** The classic members join behind the others. */
  constructor(keyed: ReadonlyArray<string>, classics: ReadonlyArray<string>) {
    super(...keyed)
    const [owner = ''] = keyed
    this.order(owner, { _tag: 'Delete', list })
    this.order(owner, { _tag: 'Create', list, policy: 'open' })
    for (const name of keyed) this.joins(name)
    for (const name of classics) this.enters(name)
  }

  /** A classic member registers and joins; nobody is told. */
  enters(name: string): void {
    const place = this.screens.size
    this.screens.set(name, [])
    for (const text of [`register-_-${name}-_-192.168.2.${place + 2}-_-22000`, `join-_-${list satisfies ListName}-_-${name}`]) {
      const reply = this.office.classic(text)
      if (!reply.startsWith('200')) throw new Error(`${text}: ${reply}`)
    }
  }

  override bring(datagram: Datagram): void {
    const { content, to } = datagram
    const screen = content._tag === 'Clear' ? this.screens.get(to) : undefined
    if (content._tag === 'Clear' && screen !== undefined) this.#arriveAt(to, screen, content.text)
    else super.bring(datagram)
  }

  protected override arrive(datagram: Datagram): void {
    const { content, to } = datagram
    if (content._tag !== 'Clear') return super.arrive(datagram)
    const relay = classic.decodeRelay(content.text)
    if (relay._tag === 'Left') throw new Error(JSON.stringify(relay.left))
    this.member(to).give(this.now, { _tag: 'Bounced', nonce: relay.right.mark?.im ?? '' })
  }

  #arriveAt(name: string, screen: string[], text: string): void {
    const { shown, passed } = advance(loads(Buffer.from(text).subarray(0, bytesRead).toString()))
    if (shown !== undefined) screen.push(`${shown.from}: ${shown.text}`)
    if (passed === undefined) return
    const member = this.members.find((_, place) => passed.to.ip === `192.168.1.${place + 2}` && passed.to.port === 22001)
    if (member === undefined) throw new Error(`${name} sends ${dumps(loads(passed.datagram))} to nobody`)
    this.open.push({ from: name, to: member.name, content: { _tag: 'Clear', text: passed.datagram } })
  }

  /** What its newest report says of classic members: `dora bounced, ed notSent tooLarge`. */
  inClear(of: string): string {
    const leaves: ReadonlyArray<delivery.NoticeOf<'Reported'>['leaves'][number]> = this.reports(of).at(-1)?.leaves ?? []
    return leaves.map(({ name, outcome, why }) => [name, outcome, ...(why === undefined ? [] : [why])].join(' ')).join(', ')
  }
}
