// The version that stands in what a store writes: how a store writes, and how its ledger does, in one number that only grows.
import { unopened } from './failures.js'
import type { Ledger } from '../../core/ledger.js'
import type { Unopened } from './store.js'

/** of the store's own: the table, the chain, the frame of a snapshot */
const storeForm = 1
const perStore = 0x10000

type Versioned = Pick<Ledger<unknown, unknown>, 'version' | 'what'>

/** Of both; a higher one is a newer program's. */
export const formOf = ({ version }: Pick<Versioned, 'version'>): number => storeForm * perStore + version

/** As operators read it: the store's and the ledger's. */
export const shownForm = (form: number): string => `${Math.floor(form / perStore)}.${form % perStore}`

/** Some program writes so, this one or one before it. */
const isKnown = (form: number, ledger: Versioned): boolean => form >= perStore + 1 && form % perStore >= 1 && form <= formOf(ledger)

/** Why a whole file of that form is not read; `undefined` where it is ours. */
export const misfit = (ledger: Versioned, path: string, form: number): Unopened | undefined => {
  const ours = formOf(ledger)
  if (form === ours) return undefined
  const isNewer = form > ours
  if (!isNewer && !isKnown(form, ledger)) return unopened('Damaged', `${path} is damaged: no program writes the form ${shownForm(form)}`)
  const whose = ledger.what === 'diary' ? 'peer' : 'server'
  const forms = `it has the form ${shownForm(form)}, and this program reads and writes ${shownForm(ours)}`
  return unopened(isNewer ? 'Newer' : 'Older', `${path} was written by ${isNewer ? 'a newer' : 'an older'} version of this program: ${forms}. Take a program of the form ${shownForm(form)}; peal ${whose} --help says which one it has`)
}
