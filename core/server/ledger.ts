// The server's directory, as a store keeps it.
import { left, right } from 'fp-ts/lib/Either.js'
import { memo } from '../memo.js'
import { settingsOf, type Code, type Settings } from './config.js'
import { Entry, inputOf } from './entry.js'
import { reduce } from './reduce.js'
import { parts, type Directory } from './snapshot.js'
import { whole } from './whole.js'
import type { Ledger } from '../ledger.js'
import type { State } from './state.js'

/** Of entries and of parts as they are written, also of how many rows a part has. Raise it when a program of the version before would misread what this
 *  one writes, or this one what that one wrote: it refuses the folder of another version, and says which program reads it. */
export const version = 5

/** Of what entries mean. Raise it with every change of the reducers, of a limit that is no setting, or of the skeletons of names or the hash of rings, by which some
 *  journal could lead to another directory: it is not folded by other rules then, but begun anew from a snapshot. */
export const rules = 6

/** A server's state, and what its program is set to. */
export const directory = (state: State, settings: Settings): Directory => ({ state, settings: settingsOf(settings) })

/** `code`: as in the configuration of the server that wrote the journal. */
export const ledger = ({ skeletons, hash }: Code): Ledger<Entry, Directory> => {
  const under = memo((settings: Settings) => reduce({ ...settings, skeletons, hash }))
  return {
    what: 'directory',
    version,
    rules,
    record: Entry,
    position: ({ state }) => state.position,
    fold: ({ state, settings }, entry) => {
      const next = under(settings)(state, inputOf(entry)).state
      if (next.position === state.position + 1) return right({ state: next, settings: entry.command._tag === 'Start' ? entry.command.settings : settings })
      return left(`command ${state.position + 1}, ${entry.command._tag} at ${entry.at}, changes nothing by these rules`)
    },
    parts,
    whole,
  }
}
