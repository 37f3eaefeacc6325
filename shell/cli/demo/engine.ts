// Plays scenes: types what the script says, waits for what must come of it, compares, and has it told. Whatever differs ends the play.
// It learns everything from what the programs print; which messages are ongoing it counts from the answers.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { audit } from './audit.js'
import { cardOf, placeOf, type Cast, type Peer } from './cast.js'
import { Difference, same } from './difference.js'
import type { Narrator, Remark, Tally } from './narrator.js'
import type { Rings } from './rings.js'
import type { Line, Message, Roster, Row, Scene } from './scene.js'

interface Play {
  readonly cast: Cast
  readonly narrator: Narrator
  readonly tally: Tally
  /** messages by list */
  readonly ongoing: Map<string, number>
}

type RowOf<T extends Row['_tag']> = Extract<Row, { readonly _tag: T }>

/** Types a line; its code must be the one expected. */
const asked = async ({ tally, cast }: Play, { at, typed, code }: Line): Promise<void> => {
  const { answer } = await cast.at(at).ask(typed)
  const got = `${answer.code} ${answer.name}: ${answer.sentence}`
  if (answer.code !== code) throw new Difference(`the answer to "${typed}", typed at the prompt of ${at},`, String(code), got)
  tally.steps += 1
  tally.refusals += code === 200 ? 0 : 1
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

const ask = async (play: Play, line: Line): Promise<void> => {
  await play.narrator.typed(line.at, line.typed)
  await asked(play, line)
  const remarks = [...lockAfter(play, line)]
  if (line.ends !== undefined) {
    same(`the exit code of ${line.at}'s program`, line.ends, await play.cast.at(line.at).end(`the end of ${line.at}'s program`))
    remarks.push({ _tag: 'Note', text: `program ends with ${line.ends}` })
  }
  await play.narrator.answered(line, remarks)
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

const startMessage = (play: Play, { list, ring: [initiator] }: Message): Promise<void> => ask(play, { at: initiator, typed: `im-start ${list} ${initiator}`, code: 200 })

/** `text` must be shown by this member, and passed on to `next`; gives the place where it stands in what the member said. */
const shown = async (member: Peer, { list, text, ring: [from] }: Message, im: string, next: string): Promise<void> => {
  const about = `"${text}" at ${member.name}`
  const { event, index } = await member.hear(`${about}, which should show it,`, (said, at) => (said._tag === 'Shown' && said.im === im ? { event: said, index: at } : undefined))
  same(about, { from, text, list }, { from: event.from, text: event.text, list: event.list })
  const passed = await member.hear(`${about}, which should pass it on,`, (said) => said, index + 1)
  same(`what ${member.name} does with "${text}"`, ['Passed', from, next, next === from], passed._tag === 'Passed' ? [passed._tag, passed.from, passed.to, passed.home] : [passed])
}

/** Follows a message round its ring, until its initiator has it home. */
const follow = async ({ cast, tally }: Play, message: Message, rings: Rings, index: number): Promise<void> => {
  const { list, text, ring: [from, ...others] } = message
  const initiator = cast.at(from)
  const isOwn = (which: { readonly list: string; readonly initiator: string }): boolean => which.list === list && which.initiator === from
  if (others.length > 0) {
    const sent = await initiator.hear(`"${text}" at ${from}, which should send it,`, (said) => (said._tag === 'Sent' && isOwn(said.which) && said.text === text ? said : undefined))
    same(`the ring of "${text}"`, [message.ring, others[0]], [sent.members, sent.to])
    tally.hops += 1
    for (const [i, name] of others.entries()) {
      await shown(cast.at(name), message, sent.which.im, others[i + 1] ?? from)
      tally.hops += 1
      await rings.hop(index)
    }
    const home = await initiator.hear(`"${text}" at ${from}, where it should come home,`, (said) => (said._tag === 'Home' && said.which.im === sent.which.im ? said : undefined))
    await rings.home(index, home.ms)
  } else {
    const home = await initiator.hear(`"${text}" at ${from}, which is alone,`, (said) => (said._tag === 'Home' && isOwn(said.which) ? said : undefined))
    same(`the ring of "${text}"`, 1, home.members)
    await rings.home(index, home.ms)
  }
  tally.messages += 1
}

const send = async (play: Play, { messages }: RowOf<'Send'>): Promise<void> => {
  for (const message of messages) await startMessage(play, message)
  for (const { text, ring: [initiator] } of messages) play.cast.at(initiator).say(text)
  const rings = play.narrator.rings(messages)
  await Promise.all(messages.map((message, index) => follow(play, message, rings, index)))
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
  same('the end of the server', 0, await cast.server().close())
  await narrator.noted('program ends with 0')
}

const played = (play: Play, row: Row): Promise<void> => {
  switch (row._tag) {
    case 'Serve': return serve(play)
    case 'Register': return register(play, row)
    case 'Ask': return ask(play, row.line)
    case 'Gather': return gather(play, row)
    case 'Send': return send(play, row)
    case 'Read': return read(play, row)
    case 'Close': return close(play)
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
  return tally
}
