// What the oracle knows of catching up: who asked whom for which numbers, who gave what to whom, and what was taken of it (K1 to K7, and I2, I3, I4, I10 of
// what is caught up). That it changes no report is looked at with the reports.
import { diary, limits, roll, type delivery, type ImId, type sealed } from '../../core/index.js'
import { listName } from './names.js'
import type { House, Known, Peer } from './roles.js'
import type { Past } from './past.js'

type Taken = Extract<delivery.Notice, { readonly _tag: 'Taken' }>
type Gap = Extract<delivery.Notice, { readonly _tag: 'Gap' }>
type Stored = Extract<diary.Mark, { readonly _tag: 'Stored' }>
type Texts = ReadonlyMap<ImId, string>

/** real ms in which no more is given than in a second of any clock */
const secondMs = 990

/** The last one of a process. */
interface Question {
  readonly to: number
  readonly from: number
  readonly until: number
}

const isFresh = (notice: delivery.Notice): notice is Taken => notice._tag === 'Taken' && notice.caughtUp === true && notice.repeated !== true

/** Whether it went round without that member, who was on its ring. */
const isMissedBy = ({ grant, seats }: Known, who: number): boolean => {
  const place = seats.indexOf(who)
  return place >= 0 && place !== grant.initiator && !grant.path.includes(place)
}

export class Absences {
  readonly #house: House
  readonly #questions = new Map<number, Question>()
  /** `who root` of each message whose line is durable */
  readonly #stored = new Set<string>()
  /** real ms at which the process of a member began, if it is not the first */
  readonly #bornAt = new Map<number, number>()
  /** `who to`: real ms of what was given in the last second */
  readonly #given = new Map<string, ReadonlyArray<number>>()
  /** numbers that each member was told to be missing */
  readonly #told = new Map<number, Set<number>>()

  constructor(house: House) {
    this.#house = house
  }

  born({ who }: Peer): void {
    this.#questions.delete(who)
    this.#bornAt.set(who, this.#house.clockwork.now)
    for (const name of this.#given.keys()) if (name.startsWith(`${who} `)) this.#given.delete(name)
  }

  stepped(peer: Peer, past: Past, command: delivery.Command, effects: ReadonlyArray<delivery.Effect>, texts: Texts): void {
    const from = command._tag === 'Hear' ? this.#house.placeOf(command.from) : -1
    if (command._tag === 'Hear') this.#heard(peer, from, command.frame, effects)
    for (const effect of effects) {
      if (effect._tag === 'Seal') this.#said(peer, effect.frame, this.#house.placeOf(effect.to))
      if (effect._tag !== 'Announce') continue
      if (isFresh(effect.notice)) this.#taken(peer, past, effect.notice, from, texts)
      if (effect.notice._tag === 'Gap') this.#gap(peer, effect.notice)
      if (effect.notice._tag === 'Taken' && effect.notice.missed !== undefined) this.#concerned(peer, effect.notice.no - effect.notice.missed, effect.notice.no - 1, effect.notice.missed)
    }
  }

  #heard({ who }: Peer, from: number, frame: Extract<delivery.Command, { readonly _tag: 'Hear' }>['frame'], effects: ReadonlyArray<delivery.Effect>): void {
    const { sometimes } = this.#house
    if (frame._tag === 'MissedWanted' && effects.length === 0) sometimes.hit('a question for what was missed in vain')
    if (frame._tag === 'MissedNone') sometimes.hit(this.#house.keepsRules(from) ? 'a member said that it had nothing of what was missed' : 'a rogue said that it had nothing of what was missed')
    if (frame._tag !== 'Relay' || frame.kind !== 'missed' || this.#house.keepsRules(from) || this.#questions.get(who)?.to !== from) return
    const isTaken = effects.some((effect) => effect._tag === 'Announce' && effect.notice._tag === 'Taken')
    sometimes.hit(isTaken ? 'what a rogue gave as missed taken, and true' : 'what a rogue gave as missed refused')
  }

  /** K6, and what is asked. */
  #said({ who, state }: Peer, frame: sealed.Frame, to: number): void {
    const isApart = state !== undefined && roll.has(state.diary.apart, listName)
    const isGiven = (frame._tag === 'Relay' && frame.kind === 'missed') || frame._tag === 'MissedNone'
    if (isApart && (isGiven || frame._tag === 'MissedWanted')) this.#house.oracle.violated('K6', who, `it ${isGiven ? 'gives' : 'asks for'} what was missed, and its user will not have it`)
    if (frame._tag !== 'MissedWanted') return
    if (state !== undefined && roll.has(state.diary.muted, listName)) this.#house.oracle.violated('K6', who, 'it asks for what it has missed of a list that it has muted')
    this.#questions.set(who, { to, from: frame.from, until: frame.to })
  }

  /** K1, K2, I2, I10: the moment at which a member takes what it has missed. */
  #taken({ who }: Peer, past: Past, notice: Taken, from: number, texts: Texts): void {
    const { oracle, sometimes } = this.#house
    const [im, root] = [notice.im as ImId, notice.root as ImId]
    const known = oracle.grants.known.get(im)
    if (known === undefined) return oracle.violated('I10', who, `${im} was caught up, and never granted`)
    if (texts.get(root) !== notice.text) oracle.violated('I10', who, `${im} says what its initiator has not said`)
    if (past.hasLeft) oracle.violated('I2', who, `${im} was caught up after its leave`)
    const question = this.#questions.get(who)
    if (question?.to !== from) oracle.violated('K2', who, `${im} was taken of ${from}, and asked of ${question?.to ?? 'nobody'}`)
    else if (notice.no < question.from || notice.no > question.until) oracle.violated('K1', who, `${im} has the number ${notice.no}, and those from ${question.from} to ${question.until} were asked for`)
    sometimes.hit('caught up')
    // of a grant for nobody it is not always known who was on its ring
    if (known.seats.length === 0) return
    if (!isMissedBy(known, who)) oracle.violated('K1', who, `${im} was caught up by whom its grant names, or who was not on its ring`)
    if (!known.seats.includes(from)) oracle.violated('K1', who, `${im} was taken of ${from}, who was not on its ring`)
    if (known.grant.epoch < this.#epoch) sometimes.hit('caught up of an epoch that was over')
    if ((this.#bornAt.get(from) ?? 0) > known.grantedAt) sometimes.hit('caught up of one that had begun anew')
  }

  /** Of the list, now. */
  get #epoch(): number {
    return roll.get(this.#house.server.state.newest.lists, listName)?.epoch ?? 0
  }

  /** I3, K3: a line is durable. */
  stored({ who }: Peer, { root, line, seals }: Stored): void {
    const { oracle } = this.#house
    if (this.#stored.has(`${who} ${root}`)) oracle.violated('I3', who, `${root} is in the history twice`)
    this.#stored.add(`${who} ${root}`)
    const known = seals === undefined ? undefined : oracle.grants.known.get(seals.grant.im)
    const place = known?.seats.indexOf(who) ?? -1
    if (known === undefined || place < 0 || !this.#house.keepsRules(who)) return
    if (known.grant.path.includes(place) === (line.caughtUp === true)) oracle.violated('K3', who, `${root} is marked as ${line.caughtUp === true ? '' : 'not '}caught up`)
  }

  /** K4, K5: something that another has missed is given to it. */
  given({ who }: Peer, to: number, known: Known): void {
    const { oracle, clockwork } = this.#house
    const { im, root } = known.grant
    if (known.initiator !== who && !oracle.isSettled(who, root)) oracle.violated('I4', who, `${im} is given, and not durable`)
    if (known.seats.length > 0 && !isMissedBy(known, to)) oracle.violated('K4', who, `${im} is given to ${to}, whom its grant names, or who was not on its ring`)
    const times = [...(this.#given.get(`${who} ${to}`) ?? []).filter((at) => at > clockwork.now - secondMs), clockwork.now]
    this.#given.set(`${who} ${to}`, times)
    const { burst, perSecond } = limits.missedRate
    if (times.length > burst + perSecond) oracle.violated('K5', who, `${times.length} datagrams of what was missed go to ${to} in a second`)
  }

  /** K7: what is told to be missing is. */
  #gap(peer: Peer, { list, from, to, missing }: Gap): void {
    const { who, state } = peer
    this.#house.sometimes.hit('a gap told')
    const told = this.#told.get(who) ?? new Set<number>()
    this.#told.set(who, told)
    for (let no = from; no <= to; no++) told.add(no)
    if (this.#house.keepsRules(who)) this.#concerned(peer, from, to, missing)
    if (state === undefined) return
    const there = new Set(diary.lines(state.diary).filter((line) => line.list === list && line.no >= from && line.no <= to).map(({ no }) => no))
    if (missing < 1 || missing > to - from + 1 - there.size) this.#house.oracle.violated('K7', who, `${missing} are said to be missing of ${from} to ${to}, of which ${there.size} are here`)
  }

  /** K10: nobody is told that it has missed what went round a ring on which it was not, if it knows that it is on the list now. A copy of a message that the
   *  operator has ended may be taken behind a leave and a new join of which its member has learned nothing yet. */
  #concerned({ who, isMember }: Peer, from: number, to: number, missing: number): void {
    if (!isMember || [...this.#house.oracle.grants.known.values()].some(({ end }) => end === 'forced')) return
    const { oracle } = this.#house
    const others = [...oracle.grants.known.values()].filter(({ grant: { im, root, no }, seats }) => im === root && no >= from && no <= to && seats.length > 0 && !seats.includes(who))
    if (missing > to - from + 1 - new Set(others.map(({ grant }) => grant.no)).size) oracle.violated('K10', who, `${missing} are said to be missing of ${from} to ${to}, of which ${others.length} were not for it`)
  }

  /** K7: when all is quiet, whoever was there all the time in one process, and wanted it, has what went round without it, or was told that it has not. */
  settled(): void {
    const { oracle, peers, options } = this.#house
    if (!options.catchesUp) return
    for (const { who, state } of peers) {
      if (state === undefined || state.gaps.length > 0 || !this.#isSteady(who)) continue
      const lines = diary.lines(state.diary)
      const numbers = new Set(lines.map(({ no }) => no))
      // what was sent again may be from before anything that this member knows of the list
      const first = Math.min(...lines.flatMap(({ no, again }) => (again === true ? [] : [no])))
      const last = Math.max(...numbers)
      const isUntold = ({ grant: { no, im, root } }: Known): boolean => im === root && no > first && no < last && !numbers.has(no) && this.#told.get(who)?.has(no) !== true
      const known = [...oracle.grants.known.values()].find((one) => isMissedBy(one, who) && isUntold(one))
      if (known !== undefined) oracle.violated('K7', who, `${known.grant.im}, number ${known.grant.no}, went round without it, and nothing was ever told of it`)
    }
  }

  #isSteady(who: number): boolean {
    const isTold = this.#house.plan.faults.some((fault) => (fault._tag === 'Move' || fault._tag === 'Mute' || fault._tag === 'Apart') && fault.who === who)
    return !isTold && !this.#bornAt.has(who) && this.#house.keepsRules(who)
  }
}
