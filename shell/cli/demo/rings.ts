// Messages on their way, a line for each ring. Where lines may be drawn over, each hop makes its line longer; elsewhere the lines are
// printed when all of these messages are home.
//
//   Me     > Hello
//            Me ──> Myself ──> I   I shows it
import type { Page } from './page.js'
import type { Message } from './scene.js'

/** One of the messages that go round together; what is told is kept when a person has seen it. */
export interface Sight {
  readonly message: Message
  readonly hop: () => Promise<void>
  readonly home: (ms: number) => Promise<void>
}

/** ms: a hop in slow motion, and the moment at which the ring is closed */
const pauses = { hop: 130, home: 400 } as const

const arrow = ' ──> '

interface Going {
  readonly message: Message
  /** members that have shown it */
  hops: number
  /** how long it took, once it is home */
  ms: number | undefined
}

const line = ({ ink, inkOf }: Page, { message: { ring }, hops, ms }: Going): string => {
  const path = (names: ReadonlyArray<string>): string => names.map((name) => inkOf(name)).join(arrow)
  if (ms === undefined) return `${path(ring.slice(0, hops + 1))}${hops === 0 ? '' : ink.dim(`   ${ring[hops] ?? ''} shows it`)}`
  if (ring.length === 1) return `${path(ring)}   ${ink.bold('home at once')}`
  return `${path([...ring, ring[0]])}   ${ink.bold(`home in ${ms < 1 ? 'less than 1' : ms} ms`)}`
}

/** A sight for each message. */
export const rings = (page: Page, messages: ReadonlyArray<Message>): ReadonlyArray<Sight> => {
  const all = messages.map((message): Going => ({ message, hops: 0, ms: undefined }))
  const board = page.board()
  const draw = (): void =>
    board(all.flatMap((going) => [page.prompt(going.message.ring[0], '>') + page.ink.bold(going.message.text), page.indent + line(page, going)]))
  if (page.animated) draw()
  return all.map((going) => ({
    message: going.message,
    hop: async () => {
      going.hops += 1
      if (!page.animated) return
      draw()
      await page.pause(pauses.hop)
    },
    home: (ms) => {
      going.ms = ms
      if (page.animated || all.every((each) => each.ms !== undefined)) draw()
      return page.pause(pauses.home)
    },
  }))
}
