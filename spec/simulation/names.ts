// What things are called in a simulated world.
import { addressOf, type Address, type ContactName, type ListName } from '../../core/index.js'

export const listName = 'list' as ListName

/** Members count from 1; 0 is the server. */
export const nameOf = (who: number): ContactName => (who === 0 ? 'server' : `m${who}`) as ContactName

/** The number of a member of that name. */
export const whoIs = (name: string): number => Number(name.slice(1))

/** Where a machine is, of so many. */
export const addressOfPlace = (who: number): Address => {
  const address = addressOf({ ip: `192.168.${who >> 8}.${(who & 255) + 1}`, port: 22000 })
  if (address === undefined) throw new Error(`no address ${who}`)
  return address
}
