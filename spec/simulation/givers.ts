// Members that break the rules of catching up (`rogues`): they give what is false, or foreign, or not asked for, and ask for what is not theirs.
import { diary, kept, roll, sealed, type delivery, type ListName, type PublicKey } from '../../core/index.js'
import { listName } from './names.js'
import type { House } from './roles.js'
import type { Trick } from './tricks.js'

type Courier = ReturnType<typeof delivery.courier>
type Step = ReturnType<Courier['reduce']>
type Input = Parameters<Courier['reduce']>[1]

/** how often a flood answers one question, of how many steps it asks at one, and of how many something is foisted at one */
const floodTimes = 100
const asksEvery = 20
const foistsEvery = 5
/** how many are foisted at once */
const foistedAtOnce = 4
/** of so many questions one is answered by a false word that there is nothing */
const deniesEvery = 3

const seal = (to: PublicKey, frame: sealed.Frame): Step['effects'][number] => ({ _tag: 'Seal', to, address: undefined, again: false, frame })

const relayed = (envelope: sealed.Envelope, im = envelope.grant.im): sealed.Frame => ({
  _tag: 'Relay', im, kind: 'missed', head: new Uint8Array(0), part: { index: 0, count: 1, bytes: sealed.encodeEnvelope(envelope) },
})

/** That one is not on its path. */
const leftOut = (envelope: sealed.Envelope, place: number): sealed.Envelope => ({ ...envelope, grant: { ...envelope.grant, path: envelope.grant.path.filter((one) => one !== place) } })

const falsified = (envelope: sealed.Envelope, chance: () => number): sealed.Envelope => {
  const { grant, text } = envelope
  const ways: ReadonlyArray<sealed.Envelope> = [
    { ...envelope, text: text.split('').reverse().join('') },
    { ...envelope, grant: { ...grant, no: grant.no + 1 + Math.floor(chance() * 9) } },
    { ...envelope, grant: { ...grant, list: 'another' as ListName } },
    { ...envelope, grant: { ...grant, epoch: grant.epoch + 1 } },
    { ...envelope, granted: envelope.signed },
  ]
  return ways[Math.floor(chance() * ways.length)] ?? envelope
}

/** What such a member does beside what the courier wants. */
export const giving = (trick: Trick, house: House, who: number, step: Step, { command }: Input): Step => {
  const { chance } = house
  const { diary: known } = step.state
  const anybody = (): PublicKey | undefined => house.ciphers[1 + Math.floor(chance() * house.plan.members)]?.own.seals
  const wanted = command._tag === 'Hear' && command.frame._tag === 'MissedWanted' ? { from: command.from, frame: command.frame } : undefined
  const isTurn = (every: number): boolean => step.effects.length > 0 && chance() * every < 1
  const and = (...more: Step['effects']): Step => ({ ...step, effects: [...step.effects, ...more] })
  const foisted = (to: PublicKey): Step => {
    const placeIn = ({ grant }: sealed.Envelope): number => roll.get(known.kept.rings, grant.ring)?.members.findIndex((seat) => seat._tag === 'Keyed' && seat.seals === to) ?? -1
    const isMissed = (envelope: sealed.Envelope): boolean => placeIn(envelope) >= 0 && placeIn(envelope) !== envelope.grant.initiator && !envelope.grant.path.includes(placeIn(envelope))
    const all = kept.ofList(known.kept, listName)
    // what is true, and nobody has asked for; or what only looks so
    if (chance() < 0.5) return and(...all.filter(isMissed).slice(-foistedAtOnce).map((envelope) => seal(to, relayed(envelope))))
    return and(...all.slice(-foistedAtOnce).reverse().map((envelope) => seal(to, relayed(chance() < 0.5 ? leftOut(envelope, placeIn(envelope)) : envelope))))
  }
  const some = (): sealed.Envelope | undefined => {
    const all = kept.ofList(known.kept, listName)
    return all[Math.floor(chance() * all.length)]
  }
  const asked = (to: PublicKey): Step => {
    const question: sealed.Frame = { _tag: 'MissedWanted', list: listName, from: 1 + Math.floor(chance() * diary.lines(known).length), to: 2 ** 48 - 1, partly: undefined }
    return and(...Array.from({ length: floodTimes }, () => seal(to, question)))
  }
  if (trick === 'foists') {
    const to = wanted?.from ?? (isTurn(foistsEvery) ? anybody() : undefined)
    return to === undefined ? step : foisted(to)
  }
  if (trick === 'floods' && wanted === undefined) {
    const to = isTurn(asksEvery) ? anybody() : undefined
    return to === undefined || house.placeOf(to) === who ? step : asked(to)
  }
  const one = wanted !== undefined && (trick === 'floods' || trick === 'falsifies') ? some() : undefined
  if (wanted === undefined || one === undefined) return step
  if (trick === 'floods') return and(...Array.from({ length: floodTimes }, () => seal(wanted.from, relayed(one))))
  const { list, from, to } = wanted.frame
  const denial: sealed.Frame = { _tag: 'MissedNone', list, from, to }
  return { ...step, effects: [seal(wanted.from, chance() * deniesEvery < 1 ? denial : relayed(falsified(one, chance), one.grant.im))] }
}
