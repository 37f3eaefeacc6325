// After the play: everything that every peer said, from its first line to its last, against the script as a whole. A message that was
// shown twice, or by somebody who is not on its ring, or that came home twice, differs here even when every step looked right.
import { Difference, same } from './difference.js'
import type { JsonLine } from '../jsonline.js'
import type { Peer } from './cast.js'
import type { Message, Scene } from './scene.js'

/** What may be said, however often: the rest of it is compared where it is expected. */
const harmless: ReadonlySet<JsonLine['_tag']> = new Set(['Started', 'Ready', 'TextWanted', 'Answered', 'Sent', 'Passed', 'Shown', 'Home'])

const messagesOf = (scenes: ReadonlyArray<Scene>): ReadonlyArray<Message> =>
  scenes.flatMap(({ rows }) => rows.flatMap((row) => (row._tag === 'Send' ? row.messages : [])))

/** Throws a Difference unless each peer, over all its lives, took every message to which it belongs once. */
export const auditSealed = (scenes: ReadonlyArray<Scene>, peers: ReadonlyMap<string, Peer>): void => {
  const sent = scenes.flatMap(({ rows }) => rows.flatMap((row) => (row._tag === 'Deliver' ? [row] : [])))
  if (sent.length === 0) return
  for (const [name, { said, before }] of peers) {
    const all = [...before, ...said]
    const others = sent.filter(({ at }) => at !== name).map(({ at, list, text }) => `${at} in ${list}: ${text}`)
    const taken = all.flatMap((event) => (event._tag === 'Taken' && event.repeated !== true ? [`${event.from} in ${event.list}: ${event.text}`] : []))
    same(`everything that ${name} took`, others.sort(), taken.sort())
  }
}

/** Throws a Difference unless each peer showed every message whose ring passes it once, had its own home once, and met no trouble. */
export const audit = (scenes: ReadonlyArray<Scene>, peers: ReadonlyMap<string, Peer>): void => {
  const messages = messagesOf(scenes)
  if (messages.length === 0) return
  for (const [name, { said }] of peers) {
    const others = messages.filter(({ ring }) => ring.slice(1).includes(name)).map(({ list, text, ring }) => `${ring[0]} in ${list}: ${text}`)
    const shown = said.flatMap((event) => (event._tag === 'Shown' ? [`${event.from} in ${event.list ?? 'no list'}: ${event.text}`] : []))
    same(`everything that ${name} showed`, others.sort(), shown.sort())
    const own = messages.filter(({ ring }) => ring[0] === name).map(({ list }) => list)
    const home = said.flatMap((event) => (event._tag === 'Home' ? [event.which.list] : []))
    same(`everything of ${name} that came home`, own.sort(), home.sort())
    const trouble = said.find(({ _tag }) => !harmless.has(_tag))
    if (trouble !== undefined) throw new Difference(`what ${name} met`, 'no trouble', JSON.stringify(trouble))
  }
}
