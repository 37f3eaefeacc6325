// fast-check commands that run the production reducer beside the dumb model, and check after every step that both say the same and
// that every invariant holds. Classic requests, sealed orders and the operator's are mixed.
import { deepEqual, equal } from 'node:assert/strict'
import fc, { commands as sequencesOf, tuple, type Arbitrary, type Command } from 'fast-check'
import { classic as program, keyed, operator, roll, self, sealed as wire, server, table, type Actor, type ContactName, type Instant, type Order, type Stamped } from '../../core/index.js'
import { actor, command, process } from '../arbitraries/server.js'
import { commit, identity, order, register, who } from '../arbitraries/keys.js'
import { address, record } from '../arbitraries/names.js'
import { Directory } from './directory.js'
import type { Expected, KnownContact } from './known.js'

/** The system under test: the production reducer and its newest state. */
export interface Real {
  readonly reduce: ReturnType<typeof server.reduce>
  state: server.State
}

/** Counts how often each command met each outcome. */
export type Tally = Map<string, number>

/** What whoever drafts a command may look up. */
export type Known = Pick<Directory, 'config' | 'keyed' | 'lists' | 'now'>

/** What is to be asked, as far as it can be said before the state is known; `ms` after what was asked last, 1 unless it says otherwise. */
export type Draft = (model: Known) => { readonly by: Actor; readonly asked: server.Command; readonly ms?: number }

const plain = ({ name, ip, port }: { readonly name: string; readonly ip: string; readonly port: number }) => ({ name, ip, port })

const asExpected = (response: server.Response): Expected => {
  if (response._tag === 'Told') return { code: 200, told: response.ring }
  const outcome = server.outcomeOf(response)
  if (outcome._tag === 'Right' && outcome.right._tag === 'Ring') return { code: 200, ring: outcome.right.members.map(plain) }
  const { code, body } = server.sealedAnswer(outcome)
  switch (body._tag) {
    case 'Nothing': return { code }
    case 'Lists': return { code, names: body.names }
    case 'Members': return { code, members: body.members.map(({ name, presence }) => ({ name, presence })) }
    case 'Registered': return { code, boot: body.boot }
    case 'Granted': return { code, grant: body.grant }
    case 'Ended': return { code, outcome: body.outcome }
    case 'Queued': return { code, queued: [body.ticket, body.place, body.opens] }
    case 'Served': return { code, served: body.code }
    case 'Opens': return { code, opens: body.at }
    case 'Locks':
    case 'OldestLocks': return { code, locks: { locks: body.locks, tickets: body.tickets, expired: body.expired } }
  }
}

/** What came of a step: an answer, now or with what is done about a key; `file` later, through the one file to be written; or nothing. */
export const outcomeOf = ({ response, effects }: server.Step): Expected | 'file' | undefined => {
  const [effect] = effects
  const inEffects = effects.flatMap((one) => (one._tag === 'Bind' || one._tag === 'Part' ? (one.answer ?? []) : []))
  const answer = response._tag === 'Some' ? response.value : inEffects[0]
  if (effect?._tag === 'WriteFile') return 'file'
  if (answer === undefined) return undefined
  return effect?._tag === 'Bind' || effect?._tag === 'Part' ? { ...asExpected(answer), effect: effect._tag } : asExpected(answer)
}

/** A key's answer names the request, the instant and the process; nobody else's does. */
const isAddressed = (by: Actor, asked: server.Command, real: Real, { response, effects }: server.Step): void => {
  const inEffects = effects.flatMap((effect) => (effect._tag === 'Bind' || effect._tag === 'Part' ? (effect.answer ?? []) : []))
  for (const answer of response._tag === 'Some' ? [response.value, ...inEffects] : inEffects) {
    equal(answer._tag === 'Answered', by._tag === 'Key' && asked._tag === 'Ask')
    if (answer._tag !== 'Answered' || asked._tag !== 'Ask') continue
    const boot = asked.order._tag === 'Register' ? 0 : asked.boot
    deepEqual([answer.boot, answer.seq, answer.at, answer.process], [boot, asked.seq, real.state.at, real.state.process])
  }
}

/** Throws unless the two are the same directory. */
export const sameDirectory = (model: Directory, state: server.State): void => {
  deepEqual([state.position, state.process], [model.position, model.process])
  deepEqual(state.queue.tickets.map(({ number, by, change, since }) => ({ number, by, change, since })), model.tickets)
  deepEqual(state.granted.expired, model.expired)
  deepEqual(
    roll.values(state.contacts).map(({ card, bound }) => ({
      ...plain(card), id: bound?.identity.id, boot: bound?.boot, nonce: bound?.nonce, presence: bound?.presence, done: bound?.past.over.map(({ im, root, list, no, commit: of, until, end }) => ({ im, root, list, no, commit: of, until, end })) ?? [],
      served: bound?.past.served.map(({ ticket, code }) => ({ ticket, code: program.codes[code].code })) ?? [],
    })),
    model.contacts.map(({ key, ...contact }) => ({ ...contact, id: key?.identity.id, boot: key?.boot, nonce: key?.nonce, presence: key?.presence, done: key?.done ?? [], served: key?.served ?? [] })),
  )
  deepEqual(
    roll.values(state.lists).map((list) => ({
      name: list.name,
      policy: list.policy,
      owner: list.owner,
      guests: table.entries(list.guests).map(([id]) => id as string).sort(),
      members: server.membersOf(list).map(({ name }) => name),
      ongoing: list.ims.map(({ initiator, since, granted, leased }) => ({ by: initiator, since, im: granted?.grant.im, ends: (granted ?? leased)?.ends, said: granted?.report })),
      epoch: list.epoch,
      no: list.no,
      ring: list.ring?.digest,
      fence: list.fence,
      open: list.open,
    })),
    model.lists.map((list) => ({
      ...list, guests: [...list.guests].sort(), ongoing: list.ongoing.map(({ by, since, ends, grant }) => ({ by, since, im: grant?.im, ends, said: grant?.said })),
    })),
  )
}

/** Whether the key has asked this before: the outcome is that of another order, perhaps. */
const isAgain = (model: Directory, by: Actor, asked: server.Command): boolean => {
  if (by._tag !== 'Key' || asked._tag !== 'Ask' || asked.order._tag === 'Register' || wire.isRead(asked.order)) return false
  const key = model.keyed(by.key)?.key
  return key?.boot === asked.boot && key.last?.seq === asked.seq
}

const tallied = (model: Directory, by: Actor, asked: server.Command): string => {
  const word = asked._tag === 'Ask' || asked._tag === 'Operate' ? `${asked._tag} ${asked.order._tag}` : asked._tag
  if (isAgain(model, by, asked)) return 'Ask again'
  return authority[asked._tag].includes(by._tag) ? word : 'by somebody else'
}

/** Whose commands are whose. */
const authority: Record<server.Command['_tag'], ReadonlyArray<Actor['_tag']>> = {
  Register: ['Classic', 'Operator'], Create: ['Classic', 'Operator'], QueryLists: ['Classic', 'Operator'], Join: ['Classic', 'Operator'],
  Leave: ['Classic', 'Operator'], Exit: ['Classic', 'Operator'], ImStart: ['Classic', 'Operator'], ImComplete: ['Classic', 'Operator'],
  Save: ['Classic', 'Operator'], Malformed: ['Classic', 'Operator'], Ask: ['Key'], Seek: ['Key'], Operate: ['Operator'], Close: ['Operator'],
  Start: ['Self'], Moved: ['Self'], Judged: ['Self'], Wake: ['Self', 'Operator'],
}

class ServerCommand implements Command<Directory, Real> {
  readonly #tally: Tally
  readonly #draft: Draft
  #ran = 'not run'

  constructor(tally: Tally, draft: Draft) {
    this.#tally = tally
    this.#draft = draft
  }

  check(): boolean {
    return true
  }

  run(model: Directory, real: Real): void {
    const { by, asked, ms = 1 } = this.#draft(model)
    this.#ran = JSON.stringify({ by, asked, ms })
    const before = real.state
    const at = (before.at + ms) as Instant
    const step = real.reduce(before, { at, by, command: asked })
    real.state = step.state
    const saved = model.saved()
    const word = tallied(model, by, asked)
    const expected = model.step(by, asked, at)
    const outcome = outcomeOf(step)
    if (outcome === 'file') {
      equal(expected, undefined)
      deepEqual(step.effects.map((effect) => effect._tag === 'WriteFile' && effect.content), [saved])
    } else deepEqual(outcome, expected)
    isAddressed(by, asked, real, step)
    const met = `${word} ${outcome === 'file' ? 'file' : (outcome?.code ?? 'nobody')}`
    this.#tally.set(met, (this.#tally.get(met) ?? 0) + 1)
    sameDirectory(model, real.state)
    deepEqual(server.violations(real.state), [])
    deepEqual(server.movedMembers(before, real.state), [])
  }

  toString(): string {
    return this.#ran
  }
}

/** Mostly the next request of the newest boot, at times one that was asked before, an older one, or one of another boot. */
const numbers = (): Arbitrary<{ readonly bootAway: number; readonly seqAway: number }> =>
  record({ bootAway: fc.nat(19).map((n) => (n === 0 ? 1 : 0)), seqAway: fc.constantFrom(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 0, -1) })

/** What a register of that key says; at times its proof is wrong, or it is another's. */
const proven = (n: number): Arbitrary<number | undefined> => fc.nat(19).map((one) => (one > 1 ? n : one === 1 ? (n + 1) % 4 : undefined))

/** In the name of the asking contact, as honest clients do; `isOwn` false: as drawn. */
const inOwnName = (asked: Order, own: ContactName | undefined, isOwn: boolean): Order =>
  own !== undefined && isOwn && 'contact' in asked && asked._tag !== 'Invite' ? { ...asked, contact: own } : asked

/** About a list that there is, where there is any: `pick` says which, 0 as drawn. */
const onKnownList = (asked: Order, model: Known, pick: number): Order => {
  const lists = asked._tag === 'Release' ? model.lists.filter(({ ongoing }) => ongoing.length > 0) : model.lists
  const list = lists[pick % Math.max(1, lists.length)]
  return list !== undefined && pick > 0 && 'list' in asked && asked._tag !== 'Create' ? { ...asked, list: list.name } : asked
}

/** About a message that there is, or was: `pick` says which, and how much of it is told; whether that is proven. */
const onKnownMessage = (asked: Order, model: Known, by: KnownContact | undefined, pick: number): { readonly order: Order; readonly proven?: boolean } => {
  const done = by?.key?.done ?? []
  if (asked._tag === 'ImStart') {
    const root = done[pick % Math.max(1, done.length)]
    if (asked.again === null || root === undefined || pick === 0) return { order: asked }
    return { order: { ...asked, ...(pick % 4 === 0 ? {} : { list: root.list }), commit: pick % 5 === 0 ? commit(2) : root.commit, again: { ...asked.again, root: root.root } } }
  }
  if (asked._tag !== 'ImComplete') return { order: asked }
  const live = model.lists.flatMap(({ ongoing, members }) => (by !== undefined && (pick % 7 === 0 || members.includes(by.name)) ? ongoing : [])).flatMap(({ grant }) => grant ?? [])
  const [one, ended] = [live[pick % Math.max(1, live.length)], done[pick % Math.max(1, done.length)]]
  if (one === undefined || pick % 3 === 0) return { order: { ...asked, im: ended?.im ?? asked.im }, ...(pick % 2 === 0 ? { proven: true } : {}) }
  const part = pick % 5 === 0 ? one.path.slice(1) : one.path
  const halves = { stored: part.filter((place) => (place + pick) % 3 > 0), closed: part.filter((place) => (place + pick) % 3 === 0) }
  return { order: { ...asked, im: one.im, ...(pick % 11 === 0 ? {} : halves) }, proven: pick % 4 > 0 }
}

/** Whose order is not a register though it has no contact yet, or the other way round, once in so many. */
const isOdd = (): Arbitrary<boolean> => fc.nat(9).map((n) => n === 0)

const sealed = (): Arbitrary<Draft> =>
  who().chain((n) =>
    tuple(register(n), order(), numbers(), proven(n), address(), fc.nat(4).map((one) => one > 0), isOdd(), fc.nat(99)).map(
      ([registration, other, { bootAway, seqAway }, proof, from, isOwn, isUnusual, pick]): Draft => (model) => {
        const by = keyed(identity(n).seals)
        const known = model.keyed(by.key)
        const isRegister = (known === undefined) !== isUnusual
        const boot = (known?.key.boot ?? 0) + bootAway
        const seq = Math.max(0, (known?.key.last?.seq ?? 0) + seqAway)
        const shown = isRegister && proof !== undefined ? identity(proof) : undefined
        const { order: asked, proven: isProven } = onKnownMessage(onKnownList(inOwnName(other, known?.name, isOwn), model, pick % 10), model, known, pick)
        const judged = isRegister || isProven === undefined ? {} : { proven: isProven }
        return { by, asked: { _tag: 'Ask', boot, seq, order: isRegister ? registration : asked, identity: shown, address: from, ...judged } }
      },
    ),
  )

const operated = (): Arbitrary<Draft> =>
  tuple(fc.oneof({ weight: 1, arbitrary: register(0) }, { weight: 30, arbitrary: order() }), fc.nat(9)).map(
    ([asked, pick]): Draft => (model) => {
      const about = onKnownList(asked, model, pick)
      const one = about._tag === 'Release' && pick > 3 ? model.lists.find(({ name }) => name === about.list)?.ongoing[0] : undefined
      return { by: operator, asked: { _tag: 'Operate', order: one === undefined || about._tag !== 'Release' ? about : { ...about, contact: one.by } } }
    },
  )

const moved = (): Arbitrary<Draft> =>
  tuple(who(), address()).map(([n, from]): Draft => () => ({ by: self, asked: { _tag: 'Moved', key: identity(n).seals, address: from } }))

const judged = (): Arbitrary<Draft> =>
  tuple(who(), fc.constantFrom('alive' as const, 'alive' as const, 'suspect' as const, 'away' as const)).map(([n, presence]): Draft => () => ({ by: self, asked: { _tag: 'Judged', key: identity(n).seals, presence } }))

const started = (): Arbitrary<Draft> => process().map((id): Draft => (model) => ({ by: self, asked: { _tag: 'Start', process: id, settings: server.settingsOf(model.config) } }))

const classic = (): Arbitrary<Draft> => tuple(actor(), command()).map(([by, asked]): Draft => () => ({ by, asked }))

/** Time goes on, often until just before a lease ends, or until it does. */
const waited = (): Arbitrary<Draft> =>
  tuple(fc.nat(9), fc.constantFrom(-1, 0, 0, 1, 5000, 8 * 24 * 3600 * 1000)).map(([pick, away]): Draft => (model) => {
    const ends = model.lists.flatMap(({ ongoing }) => ongoing.flatMap((one) => one.ends ?? []))
    const end = ends[pick % Math.max(1, ends.length)]
    return { by: self, asked: server.wake, ms: Math.max(1, (end ?? model.now) - model.now + away) }
  })

/** Who is that ring? Often a member asks. */
const sought = (): Arbitrary<Draft> =>
  tuple(who(), fc.nat(5)).map(([n, pick]): Draft => (model) => {
    const rung = model.lists.filter(({ ring }) => ring !== undefined)
    const list = rung[pick % Math.max(1, rung.length)]
    const member = [0, 1, 2, 3].find((other) => list?.members.some((name) => name === model.keyed(identity(other).seals)?.name))
    return { by: keyed(identity(pick > 1 ? (member ?? n) : n).seals), asked: { _tag: 'Seek', ring: list?.ring ?? commit(9) } }
  })

/** Commands by whom they are not to be given. */
const foreign = (): Arbitrary<Draft> =>
  tuple(fc.oneof(sealed(), operated(), moved(), judged(), started(), sought(), waited(), classic()), fc.constantFrom<Actor>(actors.classic, actors.key, operator, self)).map(
    ([draft, by]): Draft => (model) => ({ ...draft(model), by }),
  )

const actors = { classic: { _tag: 'Classic', ip: '192.168.2.7', port: 22000 }, key: keyed(identity(9).seals) } as const

const sequencesFrom = (tally: Tally, length: number, drafts: ReadonlyArray<Arbitrary<Draft>>): Arbitrary<Iterable<Command<Directory, Real>>> =>
  sequencesOf(drafts.map((draft) => draft.map((one) => new ServerCommand(tally, one))), { maxCommands: length, size: 'max' })

/** Sequences of up to `length` classic requests, by programs and by the operator. */
export const sequences = (tally: Tally, length: number): Arbitrary<Iterable<Command<Directory, Real>>> => sequencesFrom(tally, length, [classic()])

const others = (): Arbitrary<Draft> => fc.oneof({ weight: 2, arbitrary: moved() }, { weight: 1, arbitrary: judged() }, { weight: 1, arbitrary: started() }, { weight: 6, arbitrary: waited() }, { weight: 2, arbitrary: sought() }, { weight: 4, arbitrary: foreign() })

/** Sequences of up to `length` commands of every kind, by everybody. */
export const mixedSequences = (tally: Tally, length: number): Arbitrary<Iterable<Command<Directory, Real>>> =>
  sequencesFrom(tally, length, [classic(), sealed(), sealed(), sealed(), sealed(), sealed(), operated(), others()])

/** Commands of every kind, by everybody, those of keys most often. */
export const drafts = (): Arbitrary<Draft> =>
  fc.oneof({ weight: 1, arbitrary: classic() }, { weight: 6, arbitrary: sealed() }, { weight: 1, arbitrary: operated() }, { weight: 1, arbitrary: others() })

/** What a row of commands of every kind led to. */
export interface Reached {
  readonly model: Directory
  readonly inputs: ReadonlyArray<Stamped<server.Command>>
  readonly state: server.State
}

/** States that a server with that configuration can reach in up to `length` commands. */
export const reached = (config: server.Config, length: number): Arbitrary<Reached> =>
  fc.array(fc.oneof({ weight: 1, arbitrary: classic() }, { weight: 6, arbitrary: sealed() }, { weight: 1, arbitrary: others() }), { maxLength: length, size: 'max' }).map((drafts) => {
    const model = new Directory(config)
    return drafts.reduce<Reached>(
      ({ state, inputs }, draft) => {
        const { by, asked, ms = 1 } = draft(model)
        const input = { at: (state.at + ms) as Instant, by, command: asked }
        model.step(by, asked, input.at)
        return { model, inputs: [...inputs, input], state: server.reduce(config)(state, input).state }
      },
      { model, inputs: [], state: server.initial },
    )
  })
