// Somebody who was away while others talked: what scenes of catching up have in common.
import { kept, sealed, type delivery, type ImId, type PublicKey } from '../../core/index.js'
import { list } from './office.js'
import { Stage } from './stage.js'

export const hex = (bytes: Uint8Array): sealed.Envelope['signed'] => Buffer.from(bytes).toString('hex') as sealed.Envelope['signed']

/** `enters` is given each stage that is made, and `now` says which one is on. */
export const absence = (enters: (stage: Stage) => void, now: () => Stage) => {
  /** `missed` messages go round while dave is away, who is back then and has heard nothing yet. */
  const away = (...texts: ReadonlyArray<string>): ReadonlyArray<ImId> => {
    const stage = new Stage('alice', 'bob', 'carol', 'dave')
    enters(stage)
    for (const { name } of stage.members) stage.member(name).catchesUp()
    stage.sends('alice', 'before')
    stage.pass(1000)
    stage.sleep('dave')
    stage.judges('dave', 'away')
    const ims = texts.map((text, i) => {
      const im = stage.sends(i % 2 === 0 ? 'alice' : 'bob', text)
      stage.pass(1000)
      return im
    })
    stage.judges('dave', 'alive')
    return ims
  }

  /** It wakes, and asks the server for the time, and who is on the list. */
  const wakes = (): void => {
    now().continue('dave')
    now().member('dave').give(now().now, { _tag: 'Resume' })
    now().pass(1, 'dave>alice*', 'dave>bob*', 'dave>carol*')
  }

  const caught = (name = 'dave'): ReadonlyArray<delivery.NoticeOf<'Taken'>> =>
    now().member(name).notices.flatMap((notice) => (notice._tag === 'Taken' && notice.caughtUp === true ? [notice] : []))

  /** The message of that im as a co-member has it. */
  const sealedOf = (im: ImId, name = 'carol'): sealed.Envelope => {
    const found = kept.messages(now().member(name).kept.kept).find(({ grant }) => grant.im === im)
    if (found === undefined) throw new Error(`${name} does not keep ${im}`)
    return found
  }

  const relay = (envelope: sealed.Envelope, im = envelope.grant.im): sealed.Relay => ({
    _tag: 'Relay', im, kind: 'missed', head: new Uint8Array(0), part: { index: 0, count: 1, bytes: sealed.encodeEnvelope(envelope) },
  })

  /** Whom dave asks now. */
  const asked = (): string => now().lines('dave>* missed?')[0]?.split(/[> ]/)[1] ?? 'nobody'

  /** Of all whom dave could ask it is that one. */
  const asks = (key: PublicKey): void => {
    const dave = now().member('dave')
    const gap: delivery.Gap = dave.state.gaps[0] ?? { list, from: 1, to: 9, fresh: 1, filled: [], floor: 1, at: 1, until: 9, asked: key, done: [], found: [key], again: undefined, sends: 1, due: dave.clock(now().now) }
    dave.state = { ...dave.state, gaps: [{ ...gap, asked: key, sends: 1 }] }
  }

  return { away, wakes, caught, sealedOf, relay, asked, asks }
}
