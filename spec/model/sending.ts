// A sealed peer under test that sends messages to a list of two, itself and one more, by a server that signs as a server does.
import { ok } from 'node:assert/strict'
import { pins, sealed, type ContactName, type diary, type Identity, type ImId, type Instant, type ListName, type Signature, type Tag } from '../../core/index.js'
import { box } from './box.js'
import { Client, firstProcess, home, me, own } from './client.js'

const server = box('server')
const list = 'l' as ListName
const seatOf = (name: ContactName, { signs, seals }: Identity): sealed.Ring['members'][number] => ({ _tag: 'Keyed', name, signs, seals })
const ring = sealed.encodeRing({ list, epoch: 3, members: [seatOf(me, own), seatOf('Other' as ContactName, box('other').own)] })
const hash = server.hash(sealed.ringBytes(ring))

export class Sender extends Client {
  #sent: number

  /** `kept`: what the process before it has left. */
  constructor(kept?: diary.Diary) {
    super({ pinned: pins.pinServer(pins.none, home, server.own), ...(kept === undefined ? {} : { kept }) })
    this.#sent = kept === undefined ? 0 : 10
    this.give({ _tag: 'Ask', wish: { _tag: 'Register', contact: me } })
    this.#answered({ _tag: 'Registered', boot: 5 })
  }

  #answered(body: sealed.AnswerBody): void {
    this.replies(this.requests().length - 1, { code: 200, body }).forEach((frame) => this.says(frame))
  }

  /** The server says so. */
  says(frame: sealed.Frame): void {
    this.hear(frame, server.own)
  }

  tellsRing(): void {
    sealed.partsOf(ring, 0n)?.forEach((part) => this.says({ _tag: 'RingTold', ring: hash, part }))
  }

  /** A text is on its way, under a grant for a minute. */
  sends(text: string): ImId {
    this.#sent += 1
    // where the members are, which it may have asked, is of no use here
    if (this.state.phase._tag === 'Asking') this.#answered({ _tag: 'Nothing' })
    this.give({ _tag: 'Send', list, text, salt: this.#sent.toString(16).padStart(32, '0') as Tag, patience: 'once', inClear: true })
    const { order } = this.requests().at(-1) ?? {}
    ok(order?._tag === 'ImStart')
    const im = `${firstProcess}${this.#sent.toString(16).padStart(12, '0')}` as ImId
    const until = (this.serverNow + 60_000) as Instant
    const grant: sealed.Grant = { im, root: im, list, no: this.#sent, epoch: 3, ring: hash, initiator: 0, path: [1], commit: order.commit, size: order.size, until }
    this.#answered({ _tag: 'Granted', grant, signature: Buffer.from(server.sign(sealed.grantBytes(grant))).toString('hex') as Signature })
    return im
  }

  /** The echoes of all pings that have left. */
  pings(): ReadonlyArray<string> {
    return this.all('Seal').flatMap(({ frame }) => (frame._tag === 'Ping' ? [frame.echo] : []))
  }
}
