// What a server's directory holds of one player, in the player's own terms.
import { roll, server } from '../../core/index.js'
import { isNamed } from './deeds.js'
import { Failure } from './notes.js'
import { square, type KnownList, type World } from './world.js'
import type { Player } from './player.js'

type Whose = (name: string) => boolean

const listOf = (isOurs: Whose, id: string | undefined, list: server.List): KnownList => ({
  name: list.name,
  policy: list.policy,
  isOwned: id !== undefined && list.owner === id,
  members: server.membersOf(list).flatMap(({ name }) => (isOurs(name) ? [name] : [])),
  ongoing: list.ims.flatMap(({ initiator }) => (isOurs(initiator) ? [initiator] : [])),
})

/** Its contacts and lists; `id` of its keys, where it has some. */
export const worldOf = (state: server.State, player: string, id: string | undefined): World => {
  const isOurs: Whose = (name) => isNamed(player, name)
  return {
    contacts: roll.names(state.contacts).filter(isOurs),
    lists: roll.values(state.lists).filter(({ name }) => name === square || isOurs(name)).map((list) => listOf(isOurs, id, list)),
  }
}

/** The directory is whole, and holds nobody's but the players'; who joined the shared list before another was sent there stands before it. */
export const checkTogether = (state: server.State, players: ReadonlyArray<Player>): void => {
  const broken = server.violations(state)
  if (broken.length > 0) throw new Failure(`what was kept breaks ${JSON.stringify(broken)}`)
  const isKnown = (name: string): boolean => name === square || players.some((player) => isNamed(player.name, name))
  const strangers = [...roll.names(state.contacts), ...roll.names(state.lists)].filter((name) => !isKnown(name))
  if (strangers.length > 0) throw new Failure(`nobody made ${strangers.join(', ')}`)
  const shared = roll.get(state.lists, square)
  const members = shared === undefined ? [] : server.membersOf(shared).map(({ name }) => ({ name, ...players.map(({ notes }) => notes.joined.get(name)).find((span) => span !== undefined) }))
  members.forEach(({ sent = 0 }, i) => {
    if (members.slice(i + 1).some(({ acked = Infinity }) => acked < sent)) throw new Failure(`the shared list has its members in another order than they joined in: ${JSON.stringify(members)}`)
  })
}
