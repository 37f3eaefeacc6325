// A message or two in one small ring, as it stands when they have been granted: the production courier of each member, with a pace of zeros, so that every
// timer may be due at any time; what the production server has granted (`office`); and two instants, before and behind the end of the grants.
import { delivery, roll, sealed, table, type Address, type Digest, type Identity, type Instant, type ListName, type ProcessId, type PublicKey, type Signature, type Tag } from '../../core/index.js'
import { encodeEnvelope } from '../../core/wire/sealed/envelope.js'
import { box } from '../model/box.js'

/** What is explored. */
export interface Scene {
  /** members of the ring, the initiator among them: it is the first */
  readonly members: number
  /** whole processes that may stop, at any moment; each may begin anew at any later one */
  readonly crashes: number
  /** places that have muted the list: they close what comes */
  readonly muted: ReadonlyArray<number>
  /** whether a machine may sleep, once, at any moment: it does not know the server's time any more, until it is told again */
  readonly sleeps: boolean
  /** whether a member may think at any moment that the grant is over, before it is: its bound on the server's clock is never too low, and may be too high */
  readonly hasty: boolean
  /** a place whose owner says whatever it likes, and is believed nothing in what is promised; its courier is an honest one beside it */
  readonly liar: number | undefined
  /** the message was sent before, and this is its second grant: the first is over, these places took the message under it, and whatever was sent under
   *  it may still come. undefined: this is the first */
  readonly again: ReadonlyArray<number> | undefined
  /** of these: nothing was heard of them, and now the server knows them to be away, so that they are not on the second path either */
  readonly away: ReadonlyArray<number>
  /** away when the first grant was given, so that they are not on its path; there again at once */
  readonly absent: ReadonlyArray<number>
  /** whether the operator may end a message at any moment */
  readonly forced: boolean
  /** member 1 has a message of its own on its way in the same list, for these: the others are away when it begins, and there again at once. undefined: it
   *  has none */
  readonly beside: ReadonlyArray<number> | undefined
  /** whether a write is durable at once: what a slow disk does is looked at in scenes of one message */
  readonly prompt: boolean
}

export const plain: Scene = { members: 3, crashes: 0, muted: [], sleeps: false, hasty: false, liar: undefined, again: undefined, away: [], absent: [], forced: false, beside: undefined, prompt: false }

/** Before anything; behind the end of the first grants; behind that of a second grant of the same message. */
export const instants = { first: 0 as Instant, second: 10_000 as Instant, over: 20_000 as Instant } as const

export const processId = 'aa'.repeat(8) as ProcessId
export const list = 'list' as ListName
export const serverBox = box(99)

export interface Member {
  readonly place: number
  readonly key: PublicKey
  readonly config: delivery.Config
}

/** A pace at which each timer is due whenever it is looked at: silence is believed after one send, and the report is due from the grant on. */
const restless: delivery.Pace = {
  hopFirstMs: 0, hopLowestMs: 0, hopHighestMs: 0, silentMs: 0, silentSends: 1, busyRestarts: 0, refusalsApartMs: 0, unreachableMs: 0, reportBeforeMs: 60_000,
  askedForMissed: 0, missedPatienceMs: 0,
}

export const membersOf = ({ members }: Scene): ReadonlyArray<Member> =>
  Array.from({ length: members }, (_, place) => {
    const ciphers = box(place + 1)
    return { place, key: ciphers.own.seals, config: { own: ciphers.own, address: { ip: '192.0.2.1', port: 22000 } as Address, ciphers, pace: restless, maxTextBytes: 1000 } }
  })

/** What the server has granted, to whom, and on which ring. */
export interface Granted {
  readonly ring: sealed.Ring
  readonly grant: sealed.Grant
  readonly granted: Signature
  readonly g: Digest
}

const salt = '00'.repeat(16) as Tag
const text = 'x'

/** What is known of a text before it is. */
export const promised = { commit: serverBox.hash(sealed.commitBytes(salt, text)), size: text.length } as const

export const signed = (ring: sealed.Ring, grant: sealed.Grant): Granted => {
  const granted = Buffer.from(serverBox.sign(sealed.grantBytes(grant))).toString('hex') as Signature
  return { ring, grant, granted, g: serverBox.hash(sealed.grantBytes(grant)) }
}

/** What goes round under that grant, as its initiator has signed it. */
export const bodyOf = ({ grant, granted, g }: Granted): Uint8Array => {
  const initiator = Buffer.from(box(grant.initiator + 1).sign(sealed.messageBytes(g))).toString('hex') as Signature
  return encodeEnvelope({ grant, granted, signed: initiator, salt, text })
}

const server: Identity = serverBox.own

/** What a member that has settled it so owes the server, or another member. */
export const receiptOf = ({ ring, g }: Granted, place: number, status: 'stored' | 'closed', to: 'server' | number): Tag => {
  const seat = ring.members[place]
  const seals = seat?._tag === 'Keyed' ? seat.seals : ('' as PublicKey)
  return (to === 'server' ? serverBox : box(to + 1)).share(seals, sealed.receiptBytes(g, status))
}

const rollOf = (hash: Digest, ring: sealed.Ring): delivery.State['rings'] => roll.set(roll.empty(), hash, ring)
const silenced = (diary: delivery.State['diary'], name: ListName): delivery.State['diary'] => ({ ...diary, muted: roll.set(diary.muted, name, true) })
const neighbourly = (state: delivery.State, key: PublicKey, address: never): delivery.State => ({
  ...state, neighbours: table.set(state.neighbours, key, { address, estimate: undefined, avoided: 0 as Instant, span: 0, missed: undefined, sought: undefined }),
})

/** A new process, with what its diary has kept; it knows the server and the ring. */
export const begun = ({ ring, grant: { ring: hash } }: Granted, diary: delivery.State['diary'], muted: boolean): delivery.State => {
  const bare = delivery.initial(1, diary)
  const address = { ip: '192.168.1.1', port: 22000 } as never
  const state: delivery.State = { ...bare, server, rings: rollOf(hash, ring), diary: muted ? silenced(bare.diary, list) : bare.diary }
  return ring.members.reduce<delivery.State>((so, seat) => (seat._tag === 'Keyed' ? neighbourly(so, seat.seals, address) : so), state)
}

/** The time as the server's clock shows it. From an exchange before the end a member knows of the end as well as from one behind it, when it has come:
 *  one will do. */
export const learned: delivery.Command = { _tag: 'Learned', process: processId, shown: instants.first, since: instants.first }

const answered = ({ grant, granted }: Granted): delivery.Command => ({ _tag: 'Answered', ticket: 'start', answer: { code: 200, body: { _tag: 'Granted', grant, signature: granted } } })

/** The initiator's first two commands; and those of whoever sends it again. */
export const opening = (granted: Granted): ReadonlyArray<delivery.Command> => [{ _tag: 'Compose', list, text, salt, patience: 'once' }, answered(granted)]
export const reopening = (granted: Granted): ReadonlyArray<delivery.Command> => [{ _tag: 'Resend', im: granted.grant.root, patience: 'once' }, answered(granted)]

/** The server's word that the receipts do not add up. */
export const disputed = ({ grant: { im } }: Granted): delivery.Command => ({ _tag: 'Answered', ticket: `complete ${im}`, answer: { code: 422, body: { _tag: 'Nothing' } } })

/** And that the operator has ended it. */
export const overruled = ({ grant: { im } }: Granted): delivery.Command => ({ _tag: 'Answered', ticket: `complete ${im}`, answer: { code: 200, body: { _tag: 'Ended', outcome: 'forced' } } })
