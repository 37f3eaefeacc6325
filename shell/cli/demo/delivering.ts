// The rows that only the sealed wire has: peers that meet behind a bad network, messages that are reported, programs that are killed and come back.
import { setTimeout } from 'node:timers/promises'
import { limits } from '../../../core/index.js'
import { missing } from '../sentences.js'
import { Difference, same } from './difference.js'
import type { Play } from './play.js'
import type { SealedRow } from './scene.js'
import type { Peer } from './cast.js'
import type { peer } from '../../../core/index.js'

type RowOf<T extends SealedRow['_tag']> = Extract<SealedRow, { readonly _tag: T }>
type Report = peer.NoticeOf<'Reported'>

/** ms beyond the lease: the way of the question, and a machine that is busy */
const slackMs = 5000
const seconds = (ms: number): string => (ms < 1000 ? `${ms} ms` : `${(ms / 1000).toFixed(1)} s`)

const enter = async ({ cast, tally }: Play, name: string): Promise<void> => {
  const { answer } = await (await cast.meet(name)).ask(`register ${name}`)
  same(`the answer to "register ${name}"`, 200, answer.code)
  tally.steps += 1
}

const meet = async (play: Play, { names }: RowOf<'Meet'>): Promise<void> => {
  await play.narrator.typed('shell', 'peal peer ... (five)')
  await Promise.all(names.map((name) => enter(play, name)))
  await play.narrator.noted(`registered: ${names.join(', ')}`)
}

const named = (all: ReadonlyArray<{ readonly name: string }>): ReadonlyArray<string> => all.map(({ name }) => name).sort()

/** The report that follows upon what was typed; what it says is compared. */
const reported = async ({ cast, narrator, tally }: Play, from: Peer, what: string, expected: Pick<RowOf<'Deliver'>, 'delivered' | 'unknown'>, start: number): Promise<void> => {
  const before = cast.lost()
  const report: Report = await from.hear(`${from.name} is told who has ${what}`, (said) => {
    if (said._tag === 'NotBegun' || said._tag === 'NotTaken') throw new Difference(what, 'a report', JSON.stringify(said))
    return said._tag === 'Reported' && !said.again ? said : undefined
  }, start)
  const { delivered, undelivered, unknown } = report
  same(`who has ${what}`, [[...expected.delivered].sort(), [], [...expected.unknown].sort()], [named(delivered), named(undelivered), named(unknown)])
  tally.messages += 1
  const lost = cast.lost() - before
  await narrator.noted(`delivered ${delivered.length}/${delivered.length + unknown.length} in ${seconds(report.ms)}${lost === 0 ? '' : `; ${lost} were lost`}`)
  if (unknown.length > 0) await narrator.noted(`${' '.repeat(36)}no receipt: ${unknown.map(missing).join(', ')}`)
}

/** Everybody who has it, shows it. */
const shown = async ({ cast }: Play, names: ReadonlyArray<string>, text: string): Promise<void> => {
  await Promise.all(names.map((name) => cast.at(name).hear(`${name} shows "${text}"`, (said) => (said._tag === 'Taken' && said.text === text ? said : undefined))))
}

const deliver = async (play: Play, row: RowOf<'Deliver'>): Promise<void> => {
  const { at, list, text, delivered } = row
  const from = play.cast.at(at)
  await play.narrator.typed(at, `send ${list} ${text}`)
  const start = from.said.length
  from.say(`send ${list} ${text}`)
  await reported(play, from, `"${text}"`, row, start)
  await shown(play, delivered, text)
}

const newestIn = ({ said }: Peer): peer.NoticeOf<'Reported'> | undefined => said.findLast((event) => event._tag === 'Reported')

const resend = async (play: Play, { at, delivered }: RowOf<'Resend'>): Promise<void> => {
  const from = play.cast.at(at)
  const newest = newestIn(from)
  if (newest === undefined) throw new Error(`the script has ${at} send again what was never sent`)
  await play.narrator.typed(at, 'resend <its id>')
  const start = from.said.length
  from.say(`resend ${newest.im}`)
  await reported(play, from, 'what was sent again', { delivered, unknown: [] }, start)
  await Promise.all(delivered.map((name) => play.cast.at(name).hear(`${name} has what was sent again`, (said) => (said._tag === 'Taken' && said.root === newest.root ? said : undefined))))
}

/** ms between two tries to leave a list */
const triesMs = 50

const isBetween = (low: number, value: number, high: number): boolean => value >= low && value <= high

/** Tries to leave until nothing holds the list, which takes no longer than its lease from when the newest message was begun. */
const free = async (play: Play, { at, list }: RowOf<'Free'>): Promise<void> => {
  const { cast, narrator, tally } = play
  await narrator.typed(at, `leave ${list}`)
  const begun = [...cast.peers.values()].flatMap(({ said }) => said.flatMap((event) => (event._tag === 'Begun' ? [event.at] : [])))
  const since = Math.max(...begun)
  for (;;) {
    const { answer } = await cast.at(at).ask(`leave ${list} ${at}`)
    if (answer.code === 200) break
    same(`the answer to "leave ${list}"`, 463, answer.code)
    await setTimeout(triesMs)
  }
  const ms = Date.now() - since
  if (!isBetween(0, ms, limits.leaseMs + limits.leaseMemberMs * cast.peers.size + slackMs)) throw new Difference(`when ${list} is free`, 'within its lease', `after ${seconds(ms)}`)
  const { answer } = await cast.at(at).ask(`join ${list} ${at}`)
  same(`the answer to "join ${list}"`, 200, answer.code)
  tally.steps += 2
  await narrator.noted(`free ${seconds(ms)} after the message began`)
}

const kill = async ({ cast, narrator }: Play, { name }: RowOf<'Kill'>): Promise<void> => {
  await narrator.typed('shell', `kill -9 <${name}>`)
  await cast.at(name).kill()
  await narrator.noted('gone, and nobody is told')
}

const lose = async ({ cast, narrator }: Play, { ofTen }: RowOf<'Lose'>): Promise<void> => {
  cast.lose(ofTen / 10)
  await narrator.typed('shell', '(the network)')
  await narrator.noted(ofTen === 0 ? 'loses nothing any more' : `loses ${ofTen} of 10 datagrams from here on`)
}

const comeBack = async (play: Play, { name }: RowOf<'Return'>): Promise<void> => {
  await play.narrator.typed('shell', `peal peer ... --as ${name}`)
  await enter(play, name)
  await play.narrator.noted('registered again')
}

export const delivering = (play: Play, row: SealedRow): Promise<void> => {
  switch (row._tag) {
    case 'Meet': return meet(play, row)
    case 'Lose': return lose(play, row)
    case 'Kill': return kill(play, row)
    case 'Deliver': return deliver(play, row)
    case 'Free': return free(play, row)
    case 'Return': return comeBack(play, row)
    case 'Resend': return resend(play, row)
  }
}
