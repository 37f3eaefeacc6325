// Plays scenes: types what the script says, waits for what must come of it, compares, and has it told. Whatever differs ends the play.
// It learns everything from what the programs print; which messages are ongoing it counts from the answers.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { audit, auditSealed } from './audit.js'
import { cardOf, placeOf, type Cast, type Peer } from './cast.js'
import { Difference, same } from './difference.js'
import { delivering } from './delivering.js'
import type { Narrator, Remark, Tally } from './narrator.js'
import type { Play } from './play.js'
import type { Sight } from './rings.js'
import type { Line, Message, Roster, Row, Scene } from './scene.js'

/** What can come of a message's text at its initiator, first of all. */
const outcomes: ReadonlySet<string> = new Set(['Sent', 'Home', 'Dropped', 'NotTaken'])

type RowOf<T extends Row['_tag']> = Extract<Row, { readonly _tag: T }>

/** Types a line; its code must be the one expected. Gives the place of the answer in what the peer said. */
const asked = async ({ tally, cast }: Play, { at, typed, code }: Line): Promise<number> => {
  const { answer, index } = await cast.at(at).ask(typed)
  const got = `${answer.code} ${answer.name}: ${answer.sentence}`
  if (answer.code !== code) throw new Difference(`the answer to "${typed}" at the prompt of ${at}`, String(code), got)
  tally.steps += 1
  tally.refusals += code === 200 ? 0 : 1
  return index
}

/** What an im-start or an im-complete did to its list. */
const lockAfter = ({ ongoing }: Play, { typed, code }: Line): ReadonlyArray<Remark> => {
  const [word, list = ''] = typed.split(' ')
  const change = { 'im-start': 1, 'im-complete': -1 }[word ?? '']
  if (change === undefined || code !== 200) return []
  const now = (ongoing.get(list) ?? 0) + change
  ongoing.set(list, now)
  return [{ _tag: 'Lock', list, ongoing: now }]
}

const serve = async ({ cast, narrator }: Play): Promise<void> => {
  await narrator.typed('shell', 'peal server')
  const { place } = await cast.serve()
  await narrator.noted(`listens at ${place}`)
}

const register = async ({ cast, narrator, tally }: Play, { name }: RowOf<'Register'>): Promise<void> => {
  const line = { at: name, typed: `register ${name}`, code: 200 }
  await narrator.typed(name, line.typed)
  const peer = await cast.enter(name)
  const { answer } = await peer.ask(line.typed)
  same(`the answer to "${line.typed}"`, [200, [name, peer.ip, String(peer.port)]], [answer.code, answer.about.args])
  tally.steps += 1
  await narrator.answered(line, [{ _tag: 'Note', text: `is at ${placeOf(peer)}` }])
}

const ask = async (play: Play, line: Line): Promise<number> => {
  await play.narrator.typed(line.at, line.typed)
  const index = await asked(play, line)
  const remarks = [...lockAfter(play, line)]
  if (line.ends !== undefined) {
    same(`the exit code of ${line.at}'s program`, line.ends, await play.cast.at(line.at).end(`${line.at}'s program ends`))
    remarks.push({ _tag: 'Note', text: `program ends with ${line.ends}` })
  }
  await play.narrator.answered(line, remarks)
  return index
}

const gather = async (play: Play, { list, members }: Roster): Promise<void> => {
  const { narrator } = play
  await narrator.gathering(list)
  await asked(play, { at: members[0] ?? '', typed: `create ${list}`, code: 200 })
  for (const name of members) {
    await asked(play, { at: name, typed: `join ${list} ${name}`, code: 200 })
    await narrator.joined(name)
  }
  await narrator.gathered()
}

/** `text` must be shown by this member, and passed on to `next`. */
const passed = async (member: Peer, { list, text, ring: [from] }: Message, im: string, next: string): Promise<void> => {
  const { shown, index } = await member.hear(`${member.name} shows "${text}"`, (said, at) =>
    said._tag === 'Shown' && said.im === im ? { shown: said, index: at } : undefined,
  )
  same(`what ${member.name} shows`, { from, text, list }, { from: shown.from, text: shown.text, list: shown.list })
  const onward = await member.hear(`${member.name} passes on "${text}"`, (said) => said, index + 1)
  const got = onward._tag === 'Passed' ? { from: onward.from, to: onward.to, home: onward.home } : onward
  same(`where ${member.name} passes "${text}"`, { from, to: next, home: next === from }, got)
}

/** Follows a message from its im-start, which was answered at `start`, round its ring, until its initiator has it home. */
const follow = async ({ cast, tally }: Play, message: Message, start: number, seen: Sight): Promise<void> => {
  const { text, ring: [from, ...others] } = message
  const initiator = cast.at(from)
  const left = await initiator.hear(`${from} sends "${text}"`, (said) => (outcomes.has(said._tag) ? said : undefined), start)
  same(`the ring of "${text}"`, message.ring, left._tag === 'Sent' ? left.members : left._tag === 'Home' && left.members === 1 ? [from] : left)
  const { im } = left._tag === 'Sent' || left._tag === 'Home' ? left.which : { im: '' }
  for (const [i, name] of others.entries()) {
    await passed(cast.at(name), message, im, others[i + 1] ?? from)
    await seen.hop()
  }
  const home = await initiator.hear(`"${text}" comes home to ${from}`, (said) => (said._tag === 'Home' && said.which.im === im ? said : undefined))
  tally.messages += 1
  tally.hops += others.length === 0 ? 0 : message.ring.length
  await seen.home(home.ms)
}

const send = async (play: Play, { messages }: RowOf<'Send'>): Promise<void> => {
  const starts: number[] = []
  for (const { list, ring: [initiator] } of messages) {
    starts.push(await ask(play, { at: initiator, typed: `im-start ${list} ${initiator}`, code: 200 }))
  }
  for (const { text, ring: [initiator] } of messages) play.cast.at(initiator).say(text)
  const sights = play.narrator.rings(messages)
  await Promise.all(sights.map((sight, i) => follow(play, sight.message, starts[i] ?? 0, sight)))
}

const read = async ({ cast, narrator }: Play, { file, contacts, lists }: RowOf<'Read'>): Promise<void> => {
  const cards = (names: ReadonlyArray<string>): ReadonlyArray<string> => names.map((name) => cardOf(cast.at(name)))
  const groups = [
    [String(contacts.length), ...cards(contacts), String(lists.length)],
    ...lists.map(({ list, members }) => [list, String(members.length), ...cards(members)]),
  ]
  const text = await readFile(join(cast.folder, file), 'utf8').catch((error: unknown) => {
    throw new Difference(file, 'a file that was saved', String(error))
  })
  const lines = text.split('\n')
  groups.flat().forEach((line, at) => same(`line ${at + 1} of ${file}`, line, lines[at]))
  same(`the number of lines of ${file}`, groups.flat().length, lines.length)
  await narrator.file(groups)
}

const close = async ({ cast, narrator }: Play): Promise<void> => {
  await narrator.typed('shell', 'kill -TERM <server>')
  // Windows knows no SIGTERM: there the program is ended, not asked.
  same('the exit code of the server', process.platform === 'win32' ? 'SIGTERM' : 0, await cast.server().close())
  await narrator.noted('program ends with 0')
}

const played = (play: Play, row: Row): Promise<unknown> => {
  switch (row._tag) {
    case 'Serve': return serve(play)
    case 'Register': return register(play, row)
    case 'Ask': return ask(play, row.line)
    case 'Gather': return gather(play, row)
    case 'Send': return send(play, row)
    case 'Read': return read(play, row)
    case 'Close': return close(play)
    case 'Meet':
    case 'Lose':
    case 'Kill':
    case 'Deliver':
    case 'Free':
    case 'Return':
    case 'Resend': return delivering(play, row)
  }
}

/** Plays all scenes; when they are over, everything that the peers said must be what the scenes make them say. Throws a Difference. */
export const play = async (scenes: ReadonlyArray<Scene>, cast: Cast, narrator: Narrator): Promise<Tally> => {
  const tally = { steps: 0, messages: 0, hops: 0, refusals: 0 }
  const all: Play = { cast, narrator, tally, ongoing: new Map() }
  for (const scene of scenes) {
    await narrator.scene(scene)
    for (const row of scene.rows) await played(all, row)
  }
  audit(scenes, cast.peers)
  auditSealed(scenes, cast.peers)
  return tally
}
