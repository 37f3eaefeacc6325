// What things are called in a simulated world.
import type { ContactName, ListName } from '../../core/index.js'

export const listName = 'list' as ListName

/** Members count from 1; 0 is the server. */
export const nameOf = (who: number): ContactName => (who === 0 ? 'server' : `m${who}`) as ContactName

/** The number of a member of that name. */
export const whoIs = (name: string): number => Number(name.slice(1))
